#include "native/version.h"

#include <thread>

#include "base/simd.h"

namespace inoculate {

std::string version_text() {
#if defined(__clang__)
  const std::string compiler = "Clang " __clang_version__;
#else
  const std::string compiler = "GCC " __VERSION__;
#endif
  return "inoculate " INOCULATE_VERSION " (" INOCULATE_BUILD_TYPE ", " + compiler + ", " +
         kSimdName + ", " + std::to_string(std::thread::hardware_concurrency()) + " threads)";
}

}  // namespace inoculate
