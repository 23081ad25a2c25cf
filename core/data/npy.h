// NumPy's .npy files, version 1.0: arrays to and from Python.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "data/bytes.h"

namespace inoculate {

/// An array as it stood in a file, row-major. The type of `values` is that of the file: '<f4',
/// '|u1', '|i1', '<i4' or '<i8'; there are as many as the product of `shape`.
struct NpyArray {
  std::string name;  ///< the file's, for messages
  std::vector<std::int64_t> shape;
  std::variant<std::vector<float>, std::vector<std::uint8_t>, std::vector<std::int8_t>,
               std::vector<std::int32_t>, std::vector<std::int64_t>>
      values;

  /// The values of an array of floats, which may be any, NaN too. Throws Error for integers.
  const std::vector<float>& floats() const;
  /// The values of an array of any integer type. Throws Error for floats.
  std::vector<std::int64_t> integers() const;
};

/// The .npy file of row-major `values`, '<f4'; the product of `shape` must be their number.
Bytes write_npy(std::span<const float> values, const std::vector<std::int64_t>& shape);

/// Reads a .npy file; `name` is the file's name for messages. Throws Error when it is none, of
/// another version, type or memory order, or holds more or fewer bytes than its header announces.
NpyArray parse_npy(ByteView file, const std::string& name);

}  // namespace inoculate
