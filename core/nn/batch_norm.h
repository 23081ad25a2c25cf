// Batch normalisation over the last axis, with Keras's defaults.
//
// Ioffe & Szegedy, "Batch Normalization", 2015. Rows M are all that is averaged over: N for a dense
// layer, N * H * W for an image.
#pragma once

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

}  // namespace inoculate
