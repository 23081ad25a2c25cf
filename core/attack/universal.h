// One perturbation for all images.
//
// Moosavi-Dezfooli, Fawzi, Fawzi & Frossard, "Universal adversarial perturbations", 2017; found by
// sign steps up the clipped loss, as Shafahi, Najibi, Xu, Dickerson, Davis & Goldstein, "Universal
// Adversarial Training", 2020, section 3, do.
#pragma once

#include "attack/method.h"

namespace inoculate {

struct UniversalOptions {
  int steps = 100;         ///< each over a batch
  int batch_size = 256;    ///< images a step, drawn anew
  float step_size = 0.1F;  ///< as a part of epsilon
  float loss_bound = 9;    ///< images with a higher cross-entropy pull no more
};

/// Adds to every image the one perturbation, within epsilon, that raises the loss of the task's
/// images most (with a target: lowers that at the target). Epsilon must be finite.
AttackResult universal(const AttackTask& task, const UniversalOptions& options, Rng& rng,
                       const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod universal_method();

}  // namespace inoculate
