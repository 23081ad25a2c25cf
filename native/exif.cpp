#include "native/exif.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace inoculate {
namespace {

// An unsigned number of `size` bytes at `at`; 0 beyond the end.
std::size_t number(ByteView bytes, std::size_t at, std::size_t size, bool big_endian) {
  if (at > bytes.size() || size > bytes.size() - at) return 0;
  std::size_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = value << 8 | bytes[at + (big_endian ? i : size - 1 - i)];
  }
  return value;
}

}  // namespace

int exif_orientation(ByteView tiff) {
  if (tiff.size() < 8) return 1;
  const bool big_endian = tiff[0] == 'M';
  if (tiff[0] != tiff[1] || (!big_endian && tiff[0] != 'I')) return 1;
  if (number(tiff, 2, 2, big_endian) != 42) return 1;
  const std::size_t directory = number(tiff, 4, 4, big_endian);
  if (directory > tiff.size()) return 1;
  const std::size_t entries = number(tiff, directory, 2, big_endian);
  constexpr std::size_t kEntry = 12, kOrientation = 0x0112, kShort = 3;
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t at = directory + 2 + kEntry * i;
    if (at > tiff.size() || kEntry > tiff.size() - at) return 1;
    if (number(tiff, at, 2, big_endian) != kOrientation) continue;
    const std::size_t value = number(tiff, at + 8, 2, big_endian);
    const bool sound = number(tiff, at + 2, 2, big_endian) == kShort && value >= 1 && value <= 8;
    return sound ? static_cast<int>(value) : 1;
  }
  return 1;
}

ColorPicture turn(ColorPicture picture, int orientation) {
  if (orientation <= 1 || orientation > 8) return picture;
  // 5 to 8 exchange rows and columns; which of the stored axes run backwards:
  const bool transposed = orientation >= 5;
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  ColorPicture out{
      transposed ? picture.height : picture.width, transposed ? picture.width : picture.height, {}};
  out.rgba.reserve(picture.rgba.size());
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      int u = transposed ? y : x, v = transposed ? x : y;
      if (from_right) u = picture.width - 1 - u;
      if (from_below) v = picture.height - 1 - v;
      const auto at =
          picture.rgba.begin() + 4 * (static_cast<std::ptrdiff_t>(v) * picture.width + u);
      out.rgba.insert(out.rgba.end(), at, at + 4);
    }
  }
  return out;
}

}  // namespace inoculate
