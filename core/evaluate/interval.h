// How sure a measured proportion is.
#pragma once

namespace inoculate {

struct Interval {
  double low = 0;
  double high = 1;
};

/// The 95 % Wilson score interval of a proportion: `successes` out of `n` > 0 trials.
/// Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927.
Interval wilson_interval(int successes, int n);

}  // namespace inoculate
