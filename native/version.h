// What this build is.
#pragma once

#include <string>

namespace inoculate {

/// "0.1.0".
std::string version_number();

/// What figures may depend on in their last digits: version, compiler and SIMD, on one line.
std::string build_text();

/// Version, compiler, SIMD and threads, on one line.
std::string version_text();

}  // namespace inoculate
