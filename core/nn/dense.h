// Fully connected layer.
#pragma once

namespace inoculate {

struct SharedRows;

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

/// dense_forward for an input [N, H*W*C] that lies in `rows`. A shared row is multiplied once for
/// each position it is at, for all images together.
void dense_forward(float* out, const float* in, const float* kernel, const float* bias,
                   const Dense& dense, const SharedRows& rows);

/// dense_backward for the same: d_in, too, lies in `rows`, and shared rows have the sum over all
/// positions they are at. None of the gradients may be null.
void dense_backward(float* d_in, float* d_kernel, float* d_bias, const float* d_out,
                    const float* in, const float* kernel, const Dense& dense,
                    const SharedRows& rows);

}  // namespace inoculate
