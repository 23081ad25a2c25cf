// Pictures from files of any format that is read here.
#pragma once

#include <filesystem>
#include <string>

#include "native/picture_rows.h"

namespace inoculate {

/// The picture in a file, whose format its content tells and not its name. PNG, JPEG, BMP, GIF (its
/// first frame) and PNM (P1 to P6) are read. Throws Error, naming `name`, for any other file, with
/// what it is where that is known, and for one that is damaged, not whole, or larger than
/// require_picture_size allows.
ReadPicture read_picture(ByteView bytes, const std::string& name);

/// The same of the file at `path`, of at most 256 MB. Throws Error also when it cannot be read.
ReadPicture read_picture_file(const std::filesystem::path& path);

}  // namespace inoculate
