#include "web/picture/picture.h"

#include <algorithm>

#include "attack/stored.h"

namespace inoculate::page {

Bytes to_bytes(std::span<const float> picture) { return to_levels(picture.data(), picture.size()); }

Picture picture_of(ByteView bytes) {
  Picture picture(bytes.size());
  std::transform(bytes.begin(), bytes.end(), picture.begin(),
                 [](std::uint8_t byte) { return static_cast<float>(byte) / 255; });
  return picture;
}

}  // namespace inoculate::page
