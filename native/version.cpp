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

const std::string& build() {
#if defined(__clang__)
  static const std::string compiler = "Clang " __clang_version__;
#else
  static const std::string compiler = "GCC " __VERSION__;
#endif
  static const std::string text = "inoculate " INOCULATE_VERSION " (" INOCULATE_BUILD_TYPE ", " +
                                  compiler + ", " + kSimdName + kProcessors;
  return text;
}

}  // namespace

std::string version_number() { return INOCULATE_VERSION; }

std::string build_text() { return build() + ")"; }

std::string version_text() {
  return build() + ", " + std::to_string(std::thread::hardware_concurrency()) + " threads)";
}

}  // namespace inoculate
