// What stands at the head of a .npy file: the text of a Python dictionary.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace inoculate {

/// What the values of a .npy file are and how they lie.
struct NpyHeader {
  std::string descr;                ///< their type as NumPy writes it, such as "<f4"
  bool fortran_order = false;       ///< the first index runs fastest, instead of the last
  std::vector<std::int64_t> shape;  ///< extents, none negative
};

/// Reads the text of a header: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } and a
/// line end. Throws Error, naming the file `name`, for anything else.
NpyHeader parse_npy_header(std::string_view text, const std::string& name);

}  // namespace inoculate
