// How sure a measured proportion is.
#pragma once

#include <span>

namespace inoculate {

struct Interval {
  double low = 0;
  double high = 1;
};

/// The 95 % Wilson score interval of a proportion: `successes` out of `n` > 0 trials.
/// Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
Interval wilson_interval(int successes, int n);

/// The 95 % interval of the mean of at least two values by Student's t distribution. Its
/// quantile is right to 0.2 %.
Interval mean_interval(std::span<const double> values);

}  // namespace inoculate
