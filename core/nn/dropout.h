// Inverted dropout, in place.
//
// Srivastava et al., "Dropout", 2014; scaled in training, as Keras does, so inference needs
// nothing.
#pragma once

#include <cstddef>

#include "base/rng.h"

namespace inoculate {

/// Draws factors [size]: 0 with probability `rate` (in [0, 1)), else 1 / (1 - rate); and x *=
/// factors.
void dropout_forward(float* x, float* factors, float rate, std::size_t size, Rng& rng);

/// d *= factors.
void dropout_backward(float* d, const float* factors, std::size_t size);

}  // namespace inoculate
