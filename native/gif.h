// GIF pictures.
#pragma once

#include <string>

#include "native/picture_rows.h"

namespace inoculate {

/// Decodes the first frame of a GIF; pixels that it does not cover are transparent. The note says
/// so when there are more. Throws Error, naming `name`, when it is damaged, not whole, or larger
/// than kMostPixelsAtOnce.
ReadPicture read_gif(ByteView bytes, const std::string& name);

}  // namespace inoculate
