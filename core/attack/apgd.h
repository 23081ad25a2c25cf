// Auto-PGD: PGD without a step size to choose.
//
// Croce & Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse
// parameter-free attacks", 2020, algorithm 1 and section 4. What it does otherwise in L1 is in
// attack/apgd_l1.h.
#pragma once

#include <optional>

#include "attack/apgd_loss.h"
#include "attack/method.h"

namespace inoculate {

/// The defaults are AutoAttack's.
struct ApgdOptions {
  ApgdLoss loss = ApgdLoss::kCrossEntropy;
  int steps = 100;
  int restarts = 1;  ///< starts of each run
  /// Wrong classes tried in turn by the targeted loss, likeliest first; none: 9, in L1 5.
  std::optional<int> target_classes;
  float oscillation = 0.75F;  ///< the paper's rho
};

/// Images fooled leave at once. The others' adversary is the point of highest loss of their last
/// run. With a target both losses climb towards it alone; with a confidence both climb the
/// logarithm of the probability of the class aimed at (the cross-entropy: of the likeliest wrong
/// class). Epsilon must be finite. Throws Error when the targeted loss is asked of a network of
/// fewer than 4 classes.
AttackResult apgd(const AttackTask& task, const ApgdOptions& options, Rng& rng,
                  const OnAttackProgress& on_progress = nullptr);

/// Their rows in the registry (attack/registry.h).
AttackMethod apgd_cross_entropy_method();
AttackMethod apgd_targeted_method();

}  // namespace inoculate
