// Resizing as image libraries do it before a network sees a picture.
#pragma once

#include <cstdint>
#include <vector>

#include "picture/picture.h"
#include "picture/picture_rule.h"

namespace inoculate {

/// Pixels of `channels` bytes each, row-major.
struct Raster {
  int width = 0, height = 0, channels = 0;
  std::vector<std::uint8_t> bytes;
};

/// The part in `box` of `raster` resized to width x height: the same bytes that Pillow's
/// Image.resize gives. The box must lie within the new size; nothing outside of it is worked out.
Raster resample(const Raster& raster, int width, int height, const Box& box,
                Interpolation interpolation);

}  // namespace inoculate
