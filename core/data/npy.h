// NumPy's .npy files: arrays to and from Python.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "data/bytes.h"

namespace inoculate {

/// An array of a file, row-major whatever order it had there; there are as many values as the
/// product of `shape`. Floats of 2, 4 or 8 bytes are floats here (the nearest, from 2^128 on
/// infinities), 'u1' is bytes, all other integers are 64 bits wide.
struct NpyArray {
  std::string name;  ///< the file's, for messages
  std::vector<std::int64_t> shape;
  std::variant<std::vector<float>, std::vector<std::uint8_t>, std::vector<std::int64_t>> values;

  /// The values of an array of floats, which may be any, NaN too. Throws Error for integers.
  const std::vector<float>& floats() const;
  /// The values of an array of any integer type. Throws Error for floats.
  std::vector<std::int64_t> integers() const;
};

/// Whether `file` begins as a .npy file does.
bool is_npy(ByteView file);

/// The .npy file of row-major `values`, version 1.0, '<f4'; the product of `shape` must be their
/// number.
Bytes write_npy(std::span<const float> values, const std::vector<std::int64_t>& shape);

/// Reads a .npy file of version 1.0, 2.0 or 3.0, of either byte order and memory order; `name` is
/// the file's name for messages. Throws Error when it is none, its values are of another type or
/// beyond 64 bits, or it holds more or fewer bytes than its header announces.
NpyArray parse_npy(ByteView file, const std::string& name);

}  // namespace inoculate
