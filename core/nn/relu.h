// Rectified linear unit, in place.
#pragma once

#include <cstddef>

namespace inoculate {

/// x = max(x, 0) over `size` floats.
void relu_forward(float* x, std::size_t size);

/// d = d where the forward pass's output was above 0, else 0.
void relu_backward(float* d, const float* out, std::size_t size);

}  // namespace inoculate
