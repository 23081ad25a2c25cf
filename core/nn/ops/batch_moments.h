// What batch normalisation in training knows of the batch, for who works with its scale and shift.
#pragma once

#include <cstddef>

#include "nn/graph/graph.h"

namespace inoculate {

/// The numbers of one kBatchNorm in Pass::saved, [channels] each.
struct BatchMoments {
  double *mean, *variance;  ///< of the batch, the variance biased; forward's
  /// Sums over a channel of d, and of d (x - mean), which backward_weights leaves for backward.
  double *of_d, *of_products;
  /// Gradients of the moments by what else is worked out from them. Forward sets them to 0; whoever
  /// uses the moments adds to them before backward, which takes them on to the values.
  double *d_mean, *d_variance;

  BatchMoments(const Node& node, double* saved)
      : mean(saved),
        variance(mean + channels_of(node)),
        of_d(variance + channels_of(node)),
        of_products(of_d + channels_of(node)),
        d_mean(of_products + channels_of(node)),
        d_variance(d_mean + channels_of(node)) {}

  static std::size_t channels_of(const Node& node) {
    return static_cast<std::size_t>(node.shape.back());
  }
  static std::size_t size(const Node& node) { return 6 * channels_of(node); }
};

}  // namespace inoculate
