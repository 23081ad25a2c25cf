// Rectified linear unit, in place.
#pragma once

#include <cstddef>
#include <span>

namespace inoculate {

/// x = max(x, 0) over `size` floats.
void relu_forward(float* x, std::size_t size);

/// d = d where the forward pass's output was above 0, else 0.
void relu_backward(float* d, const float* out, std::size_t size);

/// The same for d [positions, C] where the output of each position lies in row `row_of` of out.
void relu_backward(float* d, const float* out, std::span<const int> row_of, int c);

}  // namespace inoculate
