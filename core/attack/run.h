// Running any method of the registry on any model.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// Throws Error where the method has to see more of the model than it gives away or needs more
/// classes than it has, or where its source takes other images or has other classes.
void require_possible(const AttackMethod& method, const ModelSpec& model,
                      const AttackOptions& options);

/// Runs the method, which must be possible, on a few images after the other, so that memory stays
/// small: the result is the same as on all at once. Where adversaries depend on the other images
/// it is run on all of them at once. Throws Error where images have a target each and the method
/// makes one perturbation for all.
AttackResult run_attack(const AttackMethod& method, const AttackTask& task,
                        const AttackOptions& options, Rng& rng,
                        const OnAttackProgress& on_progress = nullptr);

}  // namespace inoculate
