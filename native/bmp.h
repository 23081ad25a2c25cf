// BMP pictures.
#pragma once

#include <string>

#include "native/picture_rows.h"

namespace inoculate {

/// Decodes a BMP of Windows or OS/2 with 1, 4, 8, 16, 24 or 32 bits a pixel, which may have masks
/// of its own and alpha. Throws Error, naming `name`, when it is compressed, damaged, not whole, or
/// too large; its size is held against the file's before memory is taken.
///
/// stb_image is not used: it takes OS/2's palettes for shorter than they are, reads colours that a
/// palette lacks from memory that nobody wrote, and a missing end as black.
ColorPicture read_bmp(ByteView bytes, const std::string& name);

}  // namespace inoculate
