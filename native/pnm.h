// PNM pictures: PBM, PGM and PPM, in ASCII (P1, P2, P3) and binary (P4, P5, P6).
#pragma once

#include <string>

#include "native/picture_rows.h"

namespace inoculate {

/// Decodes the first picture of a PNM file, scaled from its own largest value (up to 65535) to 255.
/// Throws Error, naming `name`, when it is damaged, not whole, or too large; its size is held
/// against the file's before memory is taken.
ReadPicture read_pnm(ByteView bytes, const std::string& name);

}  // namespace inoculate
