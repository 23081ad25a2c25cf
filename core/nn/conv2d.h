// Two-dimensional convolution with Keras's "same" padding, in training.
//
// This is the plain way, for any place in a network. The convolutions that a network begins with
// mostly go another, nn/fast/sparse_front.h.
#pragma once

#include "base/shapes.h"

namespace inoculate {

/// The geometry of a convolution: in H x W x C, kernel K x K, stride S, out OH x OW x F.
struct Conv2d {
  Shape in;
  Shape out;
  int kernel = 1;
  int stride = 1;
  int pad_top = 0;   // rows of zeros above; what is missing below follows
  int pad_left = 0;  // columns of zeros to the left

  /// Floats of one kernel: K * K * C * F.
  int kernel_size() const { return kernel * kernel * in.c * out.c; }
};

/// "same" as TensorFlow computes it: out = ceil(in / S), and where the padding is odd the smaller
/// half comes first, so a 28 x 28 image under K 3, S 2 is padded by 0 before and 1 after.
Conv2d conv2d_same(Shape in, int filters, int kernel, int stride);

/// out [N, OH*OW*F] = in [N, H*W*C] convolved with kernel [K, K, C, F], plus bias [F].
void conv2d_forward(float* out, const float* in, const float* kernel, const float* bias,
                    const Conv2d& conv, int n);

/// Gradients from d_out [N, OH*OW*F]: sets d_in [N, H*W*C] unless it is null, and d_kernel
/// [K, K, C, F] and d_bias [F].
void conv2d_backward(float* d_in, float* d_kernel, float* d_bias, const float* d_out,
                     const float* in, const float* kernel, const Conv2d& conv, int n);

}  // namespace inoculate
