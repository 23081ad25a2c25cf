#include "web/picture/picture.h"

#include <algorithm>
#include <cmath>

namespace inoculate::page {

Bytes to_bytes(std::span<const float> picture) {
  Bytes bytes(picture.size());
  std::transform(picture.begin(), picture.end(), bytes.begin(), [](float value) {
    return static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.0F, 1.0F)));
  });
  return bytes;
}

Picture picture_of(ByteView bytes) {
  Picture picture(bytes.size());
  std::transform(bytes.begin(), bytes.end(), picture.begin(),
                 [](std::uint8_t byte) { return static_cast<float>(byte) / 255; });
  return picture;
}

}  // namespace inoculate::page
