// Batch normalisation over the last axis, with Keras's defaults.
//
// Ioffe & Szegedy, "Batch Normalization", 2015. Rows M are all that is averaged over: N for a dense
// layer, N * H * W for an image.
#pragma once

#include "base/buffer.h"
#include "nn/layers.h"

namespace inoculate {

inline constexpr float kBatchNormEpsilon = 1e-3F;
inline constexpr float kBatchNormMomentum = 0.99F;

/// out [M, C] = gamma * (in - mean) / sqrt(variance + epsilon) + beta with the batch's own mean and
/// biased variance; the moving ones step towards them by 1 - momentum. Sets saved [2, C], the mean
/// and 1 / sqrt(variance + epsilon), for the backward pass.
void batch_norm_forward_training(float* out, float* saved, float* moving_mean,
                                 float* moving_variance, const float* in, const float* gamma,
                                 const float* beta, int m, int c);

/// Inference, with the moving statistics, is in * scale + shift: sets these, [C] each.
void batch_norm_scale_and_shift(float* scale, float* shift, const float* gamma, const float* beta,
                                const float* moving_mean, const float* moving_variance, int c);

/// Gradients of the training pass from d_out [M, C]: sets d_in [M, C] (may be d_out itself), and
/// d_gamma and d_beta [C]; `in` is the forward pass's input.
void batch_norm_backward_training(float* d_in, float* d_gamma, float* d_beta, const float* d_out,
                                  const float* in, const float* saved, const float* gamma, int m,
                                  int c);

/// Adds to moments [2, C] the sums of rows [M, C], or of what a rectifier makes of them, and of
/// their squares.
void add_moments(double* moments, const float* rows, int m, int c, bool rectify);

/// Batch normalisation in training, folded into the next layer, whose kernel takes in a scale and a
/// shift for each channel; no pass over the values themselves is needed, of which sums are known.
/// Backward is d_in = a * d_out + (b * in + e). Without a normalisation all is left as it is.
struct FoldedNorm {
  FloatBuffer scale, shift;  // [C]: what comes out is scale * in + shift
  FloatBuffer a, b, e;       // [C]: of a gradient d of that, in's is a * d + (b * in + e)

  /// Sets scale and shift from the moments of `total` rows, and updates the moving statistics.
  /// norm: null if there is none.
  void fold(const BatchNormLayer* norm, const float* parameters, float* statistics,
            const double* moments, double total, int c);
  /// Sets a, b and e, and the gradients of gamma and beta, from sums [2, C] over the same rows: of
  /// d, and of d * in.
  void unfold(const BatchNormLayer* norm, const float* parameters, float* d_parameters,
              const double* sums, double total, int c);

 private:
  FloatBuffer saved_;  // [2, C]: as in batch_norm_forward_training
};

}  // namespace inoculate
