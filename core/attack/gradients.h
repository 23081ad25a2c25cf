// Gradients of any function of the logits, for any number of images.
#pragma once

#include <optional>

#include "attack/attack.h"
#include "base/shapes.h"
#include "model/classifier.h"
#include "nn/loss.h"

namespace inoculate {

/// Classifier::gradients of one objective.
void objective_gradients(Matrix& gradients, Matrix* logits, const Classifier& model,
                         ConstMatrixRef images, const LogitGradient& objective);

/// The gradient of a loss at labels [N], which must outlive it.
LogitGradient loss_objective(Loss loss, const Labels& labels, int classes);

/// The gradient of what steps climb that aim for the criterion of each image of a task, which must
/// outlive it: the loss at the label; with a target the loss at it, negated; with a confidence and
/// no target the same towards the likeliest wrong class. Without a loss the margin
/// (attack/margin.h), negated.
LogitGradient criterion_objective(std::optional<Loss> loss, const AttackTask& task);

}  // namespace inoculate
