// Numbers that have become too large to be any.
#pragma once

namespace inoculate {

/// Whether none of `count` values is infinite or no number.
bool all_finite(const float* values, int count);

}  // namespace inoculate
