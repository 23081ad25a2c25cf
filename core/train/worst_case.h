// From bounds of what the last layer sees to the worst logits that a box of images may have.
#pragma once

#include "base/shapes.h"

namespace inoculate {

/// The last dense layer: logits [classes] = features [features] * kernel [features, classes] + bias
/// [classes]; kernel null: the features are the logits.
struct LastLayer {
  int features = 0, classes = 0;
  const float* kernel = nullptr;
  const float* bias = nullptr;  ///< or null
};

/// worst [n, classes]: by how much each logit can be above the label's at most, so that an image is
/// certified where none but the label's own, which is 0, is 0 or above; of bounds [n, 2 features],
/// centres and then radii. Bounds of the difference of two logits are tighter than the difference
/// of their bounds (Gowal et al. 2018, section 3, "elision of the last layer").
void worst_case_logits(float* worst, const float* bounds, const LastLayer& last,
                       const Labels& labels);

/// Sets d_bounds, and adds to d_kernel and d_bias (each unless null), by d_worst [n, classes].
void worst_case_backward(float* d_bounds, float* d_kernel, float* d_bias, const float* d_worst,
                         const float* bounds, const LastLayer& last, const Labels& labels);

/// rows [n (classes - 1), features]: for each class but the image's label, in order, the features'
/// coefficients in its logit less those in the label's.
void margin_rows(Matrix& rows, const LastLayer& last, const Labels& labels);

/// The class of a row of an image, 0 to classes - 2.
inline int margin_class(int row, int label) { return row < label ? row : row + 1; }

/// Adds to d_kernel, unless null, by d_rows, of margin_rows's size.
void margin_rows_backward(float* d_kernel, const Matrix& d_rows, const LastLayer& last,
                          const Labels& labels);

/// How many of n rows of worst-case logits are certified.
int count_certified(const float* worst, int classes, const Labels& labels);

}  // namespace inoculate
