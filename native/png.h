// PNG pictures in and out.
#pragma once

#include <string>

#include "data/bytes.h"
#include "picture/picture.h"
#include "pictures/canvas.h"

namespace inoculate {

/// Decodes a PNG of any colour type and depth, as a viewer shows it (sRGB), turned as its eXIf
/// chunk says. Of 16 bits those are kept that its values use: of 12-bit values the upper 8 of 12.
/// Only the chunks that say what the pixels are are looked at. Throws Error, naming `name`, for
/// anything that is no whole PNG or larger than require_picture_size allows (an interlaced one:
/// kMostPixelsAtOnce); nothing is allocated before the size is checked.
ColorPicture read_png(ByteView bytes, const std::string& name);

/// Encodes a picture as an 8-bit RGB PNG.
Bytes write_png(const Canvas& canvas);

}  // namespace inoculate
