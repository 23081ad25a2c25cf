// The fonts of our pictures and of the page, compiled in by cmake/EmbedFile.cmake.
#pragma once

#include <cstddef>

namespace inoculate {

/// The bytes of a TrueType font file.
struct FontFile {
  const unsigned char* data;
  std::size_t size;
};

extern const FontFile kLatoRegular;
extern const FontFile kLatoBold;

}  // namespace inoculate
