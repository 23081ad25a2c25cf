// Carlini and Wagner's L2 attack: the smallest perturbation by optimisation.
//
// Carlini & Wagner, "Towards Evaluating the Robustness of Neural Networks", 2017, section VI.A.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// The defaults are foolbox's, with a tenth of its steps.
struct CarliniWagnerOptions {
  int searches = 9;         ///< steps of the search for the constant that weighs the two aims
  int steps = 1000;         ///< of Adam in each
  float step_size = 0.01F;  ///< of Adam, in the space where every point is a valid image
  float first_constant = 1e-3F;
  float margin = 0;         ///< by which logits must differ, the paper's kappa
  bool abort_early = true;  ///< end a search that has come to rest, looking ten times
};

/// Minimises |x - image|^2 + c * max(margin, 0), the margin being the criterion's
/// (attack/margin.h), which asks for log-odds where a confidence is wanted, over x = tanh(w) by
/// Adam, with c found for each image by bisection. Looks for the nearest adversary whatever epsilon
/// is, as DeepFool does; the distance is L2, and pixels must have a range (0..1 where there is
/// none).
AttackResult carlini_wagner(const AttackTask& task, const CarliniWagnerOptions& options,
                            const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod carlini_wagner_method();

}  // namespace inoculate
