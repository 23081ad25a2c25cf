// Decoupled direction and norm: the nearest adversary in L2.
//
// Rony, Hafemann, Oliveira, Ben Ayed, Sabourin & Granger, "Decoupling Direction and Norm for
// Efficient Gradient-Based L2 Adversarial Attacks and Defenses", 2019, algorithm 1.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// The defaults are the paper's.
struct DdnOptions {
  int steps = 100;
  float first_radius = 1;  ///< of the sphere
  float gamma = 0.05F;     ///< by how much of itself the sphere grows or shrinks
};

/// Steps along the gradient of the cross-entropy, from an L2 length of 1 to 0.01, each put onto a
/// sphere around the image, which shrinks where the last point was an adversary and else grows.
/// Looks for the nearest adversary whatever epsilon is.
AttackResult ddn(const AttackTask& task, const DdnOptions& options,
                 const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod ddn_method();

}  // namespace inoculate
