// JPEG pictures.
#pragma once

#include <string>

#include "native/picture_rows.h"

namespace inoculate {

/// Decodes a JPEG, grey, in colour, or of a press's four inks, turned as its EXIF says. One with a
/// side above PictureRows::kLongestKept is read at a half, a quarter or an eighth of its size.
/// Throws Error, naming `name`, when it is damaged, not whole, too large, of a kind that libjpeg
/// does not read, or made to take long (hundreds of scans).
ColorPicture read_jpeg(ByteView bytes, const std::string& name);

}  // namespace inoculate
