// Gradients of any function of the logits, for any number of images.
#pragma once

#include <functional>

#include "base/shapes.h"
#include "nn/frozen_network.h"
#include "nn/loss.h"
#include "nn/network.h"

namespace inoculate {

/// Sets d_logits [n, classes], the gradient of each image's own objective, from the logits
/// [n, classes] of images begin .. begin + n - 1 of a batch. Called for several parts of the batch
/// at once.
using LogitGradient = std::function<void(float* d_logits, const float* logits, int begin, int n)>;

/// Sets gradients [N, input] of the objective with respect to the pixels of images [N, input], and
/// logits [N, classes] unless null. An image's answer does not depend on the images around it.
/// `network` must be frozen for gradients.
void objective_gradients(Matrix& gradients, Matrix* logits, const FrozenNetwork& network,
                         ConstMatrixRef images, const LogitGradient& objective);

/// The gradient of a loss at labels [N], which must outlive it.
LogitGradient loss_objective(Loss loss, const Labels& labels, int classes);

/// The gradient of the largest other logit less the label's, at labels [N], which must outlive it.
LogitGradient margin_objective(const Labels& labels, int classes);

}  // namespace inoculate
