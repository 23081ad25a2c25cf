// What this build is.
#pragma once

#include <string>

namespace inoculate {

/// Version, compiler, SIMD and threads, on one line.
std::string version_text();

}  // namespace inoculate
