// HopSkipJump: the nearest adversary by the class alone, along gradients guessed at the boundary.
//
// Chen, Jordan & Wainwright, "HopSkipJumpAttack: A Query-Efficient Decision-Based Attack", 2020,
// algorithm 2.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// The defaults are the paper's.
struct HopSkipJumpOptions {
  int queries = 25000;       ///< looks at each image, at most
  int first_samples = 100;   ///< of the first guess; they grow with the square root of the steps
  int most_samples = 10000;  ///< of a guess
};

/// From noise, or another image of the task, that is read as wanted, to the boundary by bisection;
/// then again and again along a guess of the boundary's normal, as far as that keeps the class,
/// and back to the boundary. In L2 or L-inf. An image for which there is no start is left as it is
/// (AttackResult::without_start). Looks for the nearest adversary whatever epsilon is.
AttackResult hop_skip_jump(const AttackTask& task, const HopSkipJumpOptions& options, Rng& rng,
                           const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod hop_skip_jump_method();

}  // namespace inoculate
