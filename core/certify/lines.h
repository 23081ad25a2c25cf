// A function of one number between two lines, on an interval (Zhang et al., "Efficient Neural
// Network Robustness Certification with General Activation Functions", 2018, section 3.3).
#pragma once

#include <cstddef>

#include "nn/ops/form.h"

namespace inoculate {

struct Line {
  double slope = 0, at_zero = 0;
};

/// lower <= f <= upper on the interval. Rounding is on the safe side.
struct Lines {
  Line lower, upper;
};

/// Of this number of the operator's, low <= high. A ReLU's lower line has slope 0 or 1, whichever
/// leaves less between the lines.
Lines lines_of(const PointwiseForm& form, std::size_t number, double low, double high);

/// Whether the function is a single line there, so that the two are one.
bool is_linear_on(const PointwiseForm& form, double low, double high);

}  // namespace inoculate
