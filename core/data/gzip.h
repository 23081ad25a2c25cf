// Decompression of gzip files.
#pragma once

#include <cstddef>
#include <string>

#include "data/bytes.h"

namespace inoculate {

/// Whether `file` starts like a gzip file.
bool is_gzip(ByteView file);

/// The decompressed content of a gzip file of one or more members. `name` is the file's name for
/// messages. Throws Error when the data is truncated, damaged or followed by anything else, or when
/// it unpacks to more than `limit` bytes; never holds much more than what was unpacked so far.
Bytes gunzip(ByteView file, const std::string& name, std::size_t limit);

}  // namespace inoculate
