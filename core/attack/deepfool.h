// DeepFool: to the nearest boundary of the network's linearisation, again and again.
//
// Moosavi-Dezfooli, Fawzi & Frossard, "DeepFool: a simple and accurate method to fool deep neural
// networks", 2016, algorithm 2 and section 3.3 for L-inf.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// The defaults are foolbox's.
struct DeepFoolOptions {
  int steps = 50;
  int candidates = 10;      ///< classes looked at, the likeliest of the image; at least 2
  float overshoot = 0.02F;  ///< how far beyond the boundary, as a part of the way to it
};

/// Looks for the nearest adversary in the norm, whatever epsilon is; one further away than epsilon
/// is brought back to it, and is then seldom a success. Any wrong class will do; a target makes
/// its boundary the only one. With a confidence the boundaries are those where a class has it.
AttackResult deepfool(const AttackTask& task, const DeepFoolOptions& options,
                      const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod deepfool_method();

}  // namespace inoculate
