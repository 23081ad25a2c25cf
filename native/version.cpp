#include "native/version.h"

#include <string_view>
#include <thread>

#include "base/simd.h"

namespace inoculate {
namespace {

// Those that a package's code was compiled for; of a build for this machine alone, nothing.
constexpr std::string_view kArch = INOCULATE_ARCH;
const std::string kProcessors =
    kArch.empty() || kArch == "native" ? "" : " for " + std::string(kArch);

}  // namespace

std::string version_text() {
#if defined(__clang__)
  const std::string compiler = "Clang " __clang_version__;
#else
  const std::string compiler = "GCC " __VERSION__;
#endif
  return "inoculate " INOCULATE_VERSION " (" INOCULATE_BUILD_TYPE ", " + compiler + ", " +
         kSimdName + kProcessors + ", " + std::to_string(std::thread::hardware_concurrency()) +
         " threads)";
}

}  // namespace inoculate
