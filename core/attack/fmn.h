// Fast minimum-norm: the nearest adversary in any of four norms.
//
// Pintor, Roli, Brendel & Biggio, "Fast Minimum-norm Adversarial Attacks through Adaptive Norm
// Constraints", 2021, algorithm 1 (L1, L2 and L-inf) and section 2.2 (L0).
#pragma once

#include "attack/method.h"

namespace inoculate {

/// The defaults are foolbox's.
struct FmnOptions {
  int steps = 100;
  float step_size = 1;  ///< L2 length of the first step; the last is a hundredth of it
  float gamma = 0.05F;  ///< by how much of itself the ball grows or shrinks at first
};

/// Steps along the gradient of the margin (attack/margin.h), each kept within a ball of its own
/// image's size: the ball shrinks where the last point was an adversary and grows where it was
/// none, at first at least to where the linearised margin ends. Looks for the nearest
/// adversary whatever epsilon is.
AttackResult fmn(const AttackTask& task, const FmnOptions& options,
                 const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod fmn_method();

}  // namespace inoculate
