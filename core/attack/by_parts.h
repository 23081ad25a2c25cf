// An ensemble attacked through its parts.
//
// Papernot, McDaniel and Goodfellow, "Transferability in machine learning", 2016, find ensembles
// fooled by adversaries of their parts; Liu et al., "Delving into transferable adversarial examples
// and black-box attacks", 2017, section 5, attack the mean of the parts' probabilities.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// For each image the first that fools the ensemble of: one step of epsilon along the gradient of
/// the logarithm of the label's (with a target: the target's) mean probability over the parts that
/// give gradients; then, part by part, the adversary of each part that gives none, by the attack
/// that fits it (attack/fitting.h) and knows the task's norm. Where none fools it, the first that
/// there is. Throws Error when the task's model is no ensemble.
AttackResult by_parts(const AttackTask& task, const AttackOptions& options, Rng& rng,
                      const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod by_parts_method();

}  // namespace inoculate
