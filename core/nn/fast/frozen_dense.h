// A dense layer of a frozen network on whole rows, with the activation that follows it.
#pragma once

#include "nn/dense.h"
#include "nn/fast/activation.h"

namespace inoculate {

class FrozenDense {
 public:
  /// kernel: [D, F], read where it lies.
  FrozenDense(const Dense& dense, const float* kernel, const float* bias, Activation activation);

  /// out [N, F] from in [N, D]; sets live [N, live_size()], as Activation does.
  void forward(float* out, LaneBits* live, const float* in, int n) const;

  /// d_in [N, D] from d_out [N, F], which becomes the gradient before the activation.
  void backward(float* d_in, float* d_out, const LaneBits* live, int n) const;

  Dense dense;
  Activation activation;

 private:
  const float* kernel_;
  const float* bias_;
};

}  // namespace inoculate
