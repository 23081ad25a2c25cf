// The gradient of a later convolution of a frozen network with respect to its input.
//
// That of an output is there only where its activation lets it through; the slope of it is in the
// kernel here.
#pragma once

#include "base/buffer.h"
#include "nn/frozen_conv.h"
#include "nn/grid.h"
#include "nn/seen.h"
#include "nn/sparse_map.h"

namespace inoculate {

class ConvGradient {
 public:
  explicit ConvGradient(const FrozenConv& conv);

  /// Kernel row `k` [F, K * C]: what an output says of the K inputs side by side that it sees.
  const float* kernel(int k) const { return turned_.data() + k * conv_.out.c * row_; }
  int row() const { return row_; }

  /// Multiply-adds that an output takes.
  int cost() const { return conv_.kernel * row_; }

  /// Sets d_in, in the input grid of the convolution, to what its windows [images, OH] say, for
  /// some images: d_out, of which the first one is image `first`.
  void backward(float* d_in, const SparseMap& d_out, int first, const RowBits* windows,
                ImageBits images) const;

 private:
  Conv2d conv_;
  Grid in_;
  int row_;             // K * C
  FloatBuffer turned_;  // [K, F, K * C]
};

}  // namespace inoculate
