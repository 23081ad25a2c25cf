// Elastic-net attack: near adversaries that change few values, in L1.
//
// Chen, Sharma, Zhang, Yi & Hsieh, "EAD: Elastic-Net Attacks to Deep Neural Networks via
// Adversarial Examples", 2018, algorithm 1.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// Which of all adversaries that were passed is the nearest.
enum class EadRule {
  kElasticNet,  ///< that of least |d|_2^2 + beta |d|_1
  kL1,          ///< that of least |d|_1
};

/// The defaults are the paper's.
struct EadOptions {
  EadRule rule = EadRule::kElasticNet;
  int searches = 9;         ///< steps of the search for the constant that weighs the two aims
  int steps = 1000;         ///< of shrinkage and thresholding in each
  float step_size = 0.01F;  ///< of the first step, falling with the square root of what is left
  float beta = 0.01F;       ///< weight of L1, and what every change is shrunk by
  float first_constant = 1e-3F;
  bool abort_early = true;  ///< end a search that has come to rest, looking ten times
};

/// Minimises |d|_2^2 + beta |d|_1 + c * max(margin, 0) over the change d of an image by iterated
/// shrinkage and thresholding with momentum (FISTA), with c found for each image by bisection; the
/// margin is the criterion's (attack/margin.h). Looks for the nearest adversary whatever epsilon,
/// which is in L1, is.
AttackResult ead(const AttackTask& task, const EadOptions& options,
                 const OnAttackProgress& on_progress = nullptr);

/// Their rows in the registry (attack/registry.h).
AttackMethod ead_elastic_net_method();
AttackMethod ead_l1_method();

}  // namespace inoculate
