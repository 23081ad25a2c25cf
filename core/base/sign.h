// The sign of a number.
#pragma once

namespace inoculate {

/// -1, 0 or 1; of what is no number, 0.
inline float sign_of(float x) { return static_cast<float>((x > 0) - (x < 0)); }

}  // namespace inoculate
