#include "evaluate/interval.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace inoculate {
namespace {

// The 97.5 % point of Student's t distribution.
double student_quantile(int degrees) {
  if (degrees == 1) return 12.706204736;
  if (degrees == 2) return 4.302652730;
  // Powers of 1 / degrees times polynomials of the normal distribution's point
  // (Abramowitz & Stegun, "Handbook of Mathematical Functions", 26.7.5).
  constexpr double kTerms[] = {1.9599640, 2.3722712, 2.8224986, 2.5558497, 1.5895341};
  double t = 0, power = 1;
  for (const double term : kTerms) {
    t += term * power;
    power /= degrees;
  }
  return t;
}

}  // namespace

Interval mean_interval(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  const double half =
      student_quantile(static_cast<int>(values.size()) - 1) * std::sqrt(squares / (n - 1) / n);
  return {mean - half, mean + half};
}

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
