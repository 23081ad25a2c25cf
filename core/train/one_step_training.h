// Adversarial training by one step from a random start, and how it recovers from overfitting to it.
//
// Wong, Rice & Kolter, "Fast is better than free: Revisiting adversarial training", 2020,
// algorithm 3; recovery: Li, Wang, Jana & Carin, "Towards Understanding Fast Adversarial Training",
// 2020, whose FastAdv+ goes over to PGD for some batches when accuracy under PGD has fallen.
#pragma once

#include "attack/attack.h"
#include "base/rng.h"
#include "base/shapes.h"

namespace inoculate {

/// Where one-step training stands between two batches.
struct OneStepState {
  static constexpr int kCheckEvery = 50;  ///< batches
  static constexpr int kRecovery = 20;    ///< batches

  int unchecked = 0;  ///< batches since the last check, in [0, kCheckEvery)
  int recovery = 0;   ///< coming batches that PGD attacks, in [0, kRecovery]
};

/// The adversaries [N, input] of a batch, by one step of 1.25 epsilon from a random start.
///
/// A network can learn to mislead that one step and be open to any other attack (catastrophic
/// overfitting). With `recover` every kCheckEvery-th batch is therefore attacked by PGD too, whose
/// adversaries are the ones to learn, which alone prevents most of it; if the network is right on
/// those of the one step much more often than on PGD's, the next kRecovery batches are PGD's.
Matrix one_step_adversaries(const AttackTask& task, bool recover, OneStepState& state, Rng& rng);

}  // namespace inoculate
