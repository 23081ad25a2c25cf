#include "nn/fast/frozen_dense.h"

#include <utility>

namespace inoculate {

FrozenDense::FrozenDense(const Dense& layer, const float* kernel, const float* bias,
                         Activation after)
    : dense(layer), activation(std::move(after)), kernel_(kernel), bias_(bias) {}

void FrozenDense::forward(float* out, LaneBits* live, const float* in, int n) const {
  dense_forward(out, in, kernel_, bias_, dense, n);
  activation.forward(out, live, n);
}

void FrozenDense::backward(float* d_in, float* d_out, const LaneBits* live, int n) const {
  activation.backward(d_out, live, n);
  dense_backward(d_in, nullptr, nullptr, d_out, nullptr, kernel_, dense, n);
}

}  // namespace inoculate
