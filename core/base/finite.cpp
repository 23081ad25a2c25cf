#include "base/finite.h"

#include "base/simd.h"

namespace inoculate {

// 0 times a value is 0, or no number where the value is not finite; and so is the sum.
bool all_finite(const float* values, int count) {
  Vec sums{};
  float sum = 0;
  for_each_vector(count, [&](int i, auto vector) {
    const auto zeros = load(values + i, vector) * 0.0F;
    if constexpr (sizeof zeros == sizeof sums) {
      sums += zeros;
    } else {
      sum += zeros;
    }
  });
  for (int lane = 0; lane < kLanes; ++lane) sum += sums[lane];
  return sum == 0;
}

}  // namespace inoculate
