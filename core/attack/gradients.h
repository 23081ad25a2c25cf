// Gradients of any function of the logits, for any number of images.
#pragma once

#include <optional>

#include "attack/threat_model.h"
#include "base/shapes.h"
#include "model/classifier.h"
#include "nn/frozen_network.h"
#include "nn/loss.h"
#include "nn/network.h"

namespace inoculate {

/// Sets gradients [N, input] of the objective with respect to the pixels of images [N, input], and
/// logits [N, classes] unless null. An image's answer does not depend on the images around it.
/// `network` must be frozen for gradients. Throws Error where a number would not be finite.
void objective_gradients(Matrix& gradients, Matrix* logits, const FrozenNetwork& network,
                         ConstMatrixRef images, const LogitGradient& objective);

/// The gradient of a loss at labels [N], which must outlive it.
LogitGradient loss_objective(Loss loss, const Labels& labels, int classes);

/// The gradient of what steps that aim for `criterion` climb, at labels [N], which must outlive it:
/// the loss at the label; with a target the loss at it, negated; with a confidence and no target
/// the same towards the likeliest wrong class. Without a loss the margin (attack/margin.h),
/// negated.
LogitGradient criterion_objective(std::optional<Loss> loss, const Criterion& criterion,
                                  const Labels& labels, int classes);

}  // namespace inoculate
