// LICENSE and THIRD_PARTY_NOTICES, compiled in by cmake/EmbedFile.cmake.
#pragma once

#include <cstddef>

namespace inoculate {

struct LicenceText {
  const unsigned char* text;  ///< UTF-8, without a NUL at its end
  std::size_t size;
};

extern const LicenceText kLicences;

}  // namespace inoculate
