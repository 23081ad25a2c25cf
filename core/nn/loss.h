// What training minimises and an attack raises.
#pragma once

#include "base/shapes.h"

namespace inoculate {

enum class Loss {
  kCrossEntropy,      ///< categorical cross-entropy of softmax(logits) against the label
  kMeanSquaredError,  ///< mean over classes of (softmax(logits) - one-hot label)^2, the tutorial's
};

/// Losses and gradients of a batch, a row at a time: losses [N] (unless null) is the loss of each
/// example, d_logits [N, F] (unless null) its gradient times `scale`. A batch's mean loss has scale
/// 1 / N: this is the only place where N divides anything.
void loss_and_gradient(float* losses, float* d_logits, Loss loss, float scale, const float* logits,
                       const std::int32_t* labels, int n, int f);

}  // namespace inoculate
