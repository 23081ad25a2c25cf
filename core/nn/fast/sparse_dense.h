// The first dense layer of a frozen network after convolutions, with the activation that follows
// it.
#pragma once

#include "base/buffer.h"
#include "nn/dense.h"
#include "nn/fast/activation.h"
#include "nn/fast/frozen_conv.h"
#include "nn/fast/seen.h"
#include "nn/fast/sparse_map.h"

namespace inoculate {

class SparseDense {
 public:
  /// kernel: [D, F], read where it lies. before: the convolution whose outputs are the input.
  SparseDense(const Dense& layer, const float* kernel, const float* bias, Activation after,
              const FrozenConv& before);

  /// out [N, F] from `features` [N], at the positions that seen [N, H] names; the others are blank.
  /// Sets live [N, live_size()], as Activation does.
  void forward(float* out, LaneBits* live, const SparseMap& features, const RowBits* seen,
               int n) const;

  /// d_out [N, F] becomes the gradient before the activation, and the values of `features` that of
  /// themselves.
  void backward(SparseMap& features, float* d_out, const LaneBits* live, int n) const;

  Dense dense;
  Activation activation;

 private:
  const float* kernel_at(int position) const {
    return kernel_ + static_cast<std::ptrdiff_t>(position) * shape_.c * dense.out;
  }

  Shape shape_;  // of the input
  const float* kernel_;
  FloatBuffer constant_;  // [F]: the bias plus the contribution of the shift before
  FloatBuffer ground_;    // [H*W, F]: the contribution of a blank position
};

}  // namespace inoculate
