// PNG files, written.
#pragma once

#include "data/bytes.h"

namespace inoculate::page {

/// The file of width x height pixels of 1, 3 or 4 channels of 8 bits, row-major.
Bytes png_file(int width, int height, int channels, const std::uint8_t* pixels);

}  // namespace inoculate::page
