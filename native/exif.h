// Which way a camera was held, as EXIF tells it.
#pragma once

#include "data/bytes.h"
#include "picture/picture.h"

namespace inoculate {

/// The orientation (tag 0x0112) in a block of EXIF, which begins with its TIFF header: 1 (as it is)
/// to 8. It is 1 when the block has none or is damaged.
int exif_orientation(ByteView tiff);

/// The picture as it is to be shown, when it is stored in `orientation` 1 to 8.
ColorPicture turn(ColorPicture picture, int orientation);

}  // namespace inoculate
