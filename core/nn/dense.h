// Fully connected layer.
#pragma once

namespace inoculate {

/// The sizes of a dense layer: `in` features to `out` features.
struct Dense {
  int in = 1;
  int out = 1;
};

/// out [N, F] = in [N, D] * kernel [D, F] + bias [F].
void dense_forward(float* out, const float* in, const float* kernel, const float* bias,
                   const Dense& dense, int n);

/// Gradients from d_out [N, F]: sets d_in [N, D] unless it is null; sets d_kernel [D, F] and d_bias
/// [F] unless they are null (both or neither).
void dense_backward(float* d_in, float* d_kernel, float* d_bias, const float* d_out,
                    const float* in, const float* kernel, const Dense& dense, int n);

}  // namespace inoculate
