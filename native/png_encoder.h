// Pixels as the bytes of a PNG.
#pragma once

#include <cstdint>

#include "data/bytes.h"

namespace inoculate {

/// An 8-bit PNG of height rows of width pixels, each of 1 (grey) or 3 (RGB) channels.
Bytes encode_png(const std::uint8_t* pixels, int width, int height, int channels);

}  // namespace inoculate
