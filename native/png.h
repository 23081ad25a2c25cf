// PNG pictures in (as grey, for the network) and out (as RGB).
#pragma once

#include <string>

#include "data/bytes.h"
#include "pictures/canvas.h"

namespace inoculate {

/// Largest accepted width and height of a PNG.
inline constexpr int kLargestPngSide = 4096;

/// Decodes a PNG of any colour type and depth to grey as a viewer shows it (sRGB, 0 black to 255
/// white). A transparent picture is laid on the ground its ink stands out from: dark ink on white,
/// light ink on black. Throws Error, naming `name`, for anything that is no whole PNG or has a side
/// above kLargestPngSide; nothing is allocated before the size is checked.
GreyImage read_png_grey(ByteView bytes, const std::string& name);

/// Encodes a picture as an 8-bit RGB PNG.
Bytes write_png(const Canvas& canvas);

}  // namespace inoculate
