// The fast adaptive boundary attack: the nearest adversary, without a step size to choose.
//
// Croce & Hein, "Minimally distorted adversarial examples with a fast adaptive boundary attack",
// 2020, algorithm 1; one wrong class after another in place of all at once: Croce & Hein, "Reliable
// evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks", 2020,
// section 5.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// The defaults are AutoAttack's.
struct FabOptions {
  int steps = 100;          ///< towards each class
  int restarts = 1;         ///< starts for each class: the image, then random points
  int target_classes = 9;   ///< wrong classes tried in turn, likeliest first
  float most_bias = 0.1F;   ///< towards the image, the paper's alpha_max
  float overshoot = 1.05F;  ///< over the boundary, the paper's eta
  float step_back = 0.9F;   ///< part of an adversary's change to go on from, the paper's beta
};

/// Each step goes to the boundary of the linearised network, partly from where it stands and partly
/// from the image, within the range; from an adversary it goes back towards the image, and on from
/// there. The nearest adversary is kept. With a finite epsilon an image is done as soon as one is
/// so near. With a target it alone is tried, with a confidence the boundary is where it is reached.
/// In L-inf, L2 and L1.
AttackResult fab_targeted(const AttackTask& task, const FabOptions& options, Rng& rng,
                          const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod fab_targeted_method();

}  // namespace inoculate
