// Bytes from and to files, and the few helpers every file format needs.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace inoculate {

/// The whole of a file, or a part of it.
using Bytes = std::vector<std::uint8_t>;
/// Read-only view of bytes somebody else owns.
using ByteView = std::span<const std::uint8_t>;

static_assert(std::endian::native == std::endian::little,
              "npy and safetensors are little endian, and are copied without swapping bytes");

/// The bits of `value` as a To of the same size. It is std::bit_cast, which the standard library of
/// Emscripten 3.1.6 lacks.
template <typename To, typename From>
To bits_as(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To bits;
  std::memcpy(&bits, &value, sizeof(To));
  return bits;
}

/// The little-endian T at the start of `bytes`, which must hold at least sizeof(T).
template <typename T>
T load_le(ByteView bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

/// All of `bytes` as little-endian values; the size must be a multiple of sizeof(T).
template <typename T>
std::vector<T> load_array_le(ByteView bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Appends `values` to `out`, little endian.
template <typename T>
void append_array_le(Bytes& out, std::span<const T> values) {
  if (values.empty()) return;
  const std::size_t begin = out.size();
  out.resize(begin + values.size_bytes());
  std::memcpy(out.data() + begin, values.data(), values.size_bytes());
}

/// Appends one value to `out`, little endian.
template <typename T>
void append_le(Bytes& out, T value) {
  append_array_le(out, std::span<const T>(&value, 1));
}

/// The product of `shape` (1 when it is empty), or nothing when an extent is negative or the
/// product does not fit. Extents of 0 do not hide an overflow of the others, so that nobody who
/// multiplies them in another order overflows either.
inline std::optional<std::int64_t> element_count(std::span<const std::int64_t> shape) {
  std::int64_t product = 1;
  bool empty = false;
  for (const std::int64_t extent : shape) {
    if (extent < 0) return std::nullopt;
    if (extent == 0) {
      empty = true;
    } else if (product > std::numeric_limits<std::int64_t>::max() / extent) {
      return std::nullopt;
    } else {
      product *= extent;
    }
  }
  return empty ? 0 : product;
}

}  // namespace inoculate
