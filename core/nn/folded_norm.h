// Batch normalisation in training without a pass over its outputs: a scale and a shift that the
// next layer's kernel takes in, and on the way back a line through what came out of the rectifier.
//
// Ioffe & Szegedy, "Batch Normalization", 2015; nn/batch_norm.h is the same as a layer.
#pragma once

#include "base/buffer.h"
#include "nn/layers.h"

namespace inoculate {

/// Adds to moments [2, C] the sums of rectified rows [m, C] of one image, and of their squares.
void add_moments(double* moments, const float* rows, int m, int c);

/// What a normalisation comes to for one batch; without one, everything is left as it is.
struct FoldedNorm {
  FloatBuffer scale, shift;  // [C]: what comes out is scale * in + shift
  FloatBuffer a, b, e;       // [C]: of a gradient d of that, in's is a * d + (b * in + e)

  /// Sets scale and shift from the moments of `total` rows, and updates the moving statistics.
  /// norm: null if there is none.
  void fold(const BatchNormLayer* norm, const float* parameters, float* statistics,
            const double* moments, double total, int c);
  /// Sets a, b and e, and the gradients of gamma and beta, from sums [2, C] over the same rows: of
  /// d, and of d * in.
  void turn_back(const BatchNormLayer* norm, float* d_parameters, const double* sums, double total,
                 int c);

 private:
  FloatBuffer mean_, inverse_;  // [C]: of the batch, and of its deviation
};

}  // namespace inoculate
