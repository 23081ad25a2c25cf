#include "evaluate/interval.h"

#include <algorithm>
#include <cmath>

namespace inoculate {

Interval wilson_interval(int successes, int n) {
  constexpr double z = 1.959963984540054;  // the normal distribution's 97.5 % point
  const double p = static_cast<double>(successes) / n;
  const double shrink = 1 + z * z / n;
  const double centre = (p + z * z / (2 * n)) / shrink;
  const double half = z * std::sqrt(p * (1 - p) / n + z * z / (4.0 * n * n)) / shrink;
  // Exactly 0 of none and 1 of all, which rounding would miss by a hair.
  return {successes == 0 ? 0 : std::max(0.0, centre - half),
          successes == n ? 1 : std::min(1.0, centre + half)};
}

}  // namespace inoculate
