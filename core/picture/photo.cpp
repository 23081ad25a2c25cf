#include "picture/photo.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/error.h"
#include "picture/resample.h"

namespace inoculate {
namespace {

void require_whole(const ColorPicture& picture, const std::string& name) {
  const auto pixels = static_cast<std::uint64_t>(std::max(0, picture.width)) *
                      static_cast<std::uint64_t>(std::max(0, picture.height));
  if (pixels == 0 || picture.rgba.size() != 4 * pixels) {
    throw Error("'" + name + "' is not a whole picture; give its width x height pixels");
  }
}

// Red, green and blue, or their brightness, on white.
Raster raster_of(const ColorPicture& picture, int channels) {
  Raster raster{picture.width, picture.height, channels, {}};
  raster.bytes.reserve(picture.rgba.size() / 4 * static_cast<std::size_t>(channels));
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    const std::uint8_t* const p = picture.rgba.data() + i;
    const std::uint32_t alpha = p[3];
    std::uint32_t rgb[3];
    for (int c = 0; c < 3; ++c) rgb[c] = (alpha * p[c] + (255 - alpha) * 255 + 127) / 255;
    if (channels == 1) {
      // 0.299, 0.587 and 0.114 in parts of 2^16.
      rgb[0] = (19595 * rgb[0] + 38470 * rgb[1] + 7471 * rgb[2] + 0x8000) >> 16;
    }
    for (int c = 0; c < channels; ++c) raster.bytes.push_back(static_cast<std::uint8_t>(rgb[c]));
  }
  return raster;
}

// The size to which a picture is resized so that it covers the network's image, enlarged by what
// the rule leaves for the cut; the longer side is rounded down, as is usual.
struct Size {
  int width = 0, height = 0;
};
Size covering(const Raster& raster, Shape shape, const PictureRule& rule) {
  const int side = std::min(shape.h, shape.w);
  const double shorter = rule.resize > 0 ? rule.resize : std::round(side / 0.875);
  const auto wide = std::lround(shorter * shape.w / side);
  const auto high = std::lround(shorter * shape.h / side);
  const std::int64_t width = raster.width, height = raster.height;
  if (width * high <= height * wide) {
    return {static_cast<int>(wide), static_cast<int>(wide * height / width)};
  }
  return {static_cast<int>(high * width / height), static_cast<int>(high)};
}

// Where the cut begins; a half is rounded to the even number.
int offset(int size, int cut) { return static_cast<int>(std::nearbyint((size - cut) / 2.0)); }

std::string text_of(int width, int height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

}  // namespace

PreparedPhoto prepare_photo(const ColorPicture& picture, Shape shape, const PictureRule& rule,
                            const std::string& name) {
  require_whole(picture, name);
  if ((shape.c != 1 && shape.c != 3) || shape.size() == shape.c) {
    throw Error("'" + name + "' is a picture, but the network takes images of " +
                text_of(shape.h, shape.w) + " x " + std::to_string(shape.c) +
                " numbers; give an array of them");
  }
  Raster raster = raster_of(picture, shape.c);
  PreparedPhoto photo{{}, "as it is"};
  if (raster.width != shape.w || raster.height != shape.h) {
    const Size size = covering(raster, shape, rule);
    const Box centre{offset(size.width, shape.w), offset(size.height, shape.h), shape.w, shape.h};
    raster = resample(raster, size.width, size.height, centre, rule.interpolation);
    photo.how = "resized to " + text_of(size.width, size.height) + ", its centre taken";
  }
  photo.pixels.reserve(raster.bytes.size());
  for (const std::uint8_t byte : raster.bytes) {
    photo.pixels.push_back(static_cast<float>(byte) / 255);
  }
  return photo;
}

}  // namespace inoculate
