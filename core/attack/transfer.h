// Transfer: adversaries of one network tried on another.
//
// Papernot, McDaniel & Goodfellow, "Transferability in Machine Learning: from Phenomena to
// Black-Box Attacks using Adversarial Samples", 2016.
#pragma once

#include "attack/method.h"
#include "attack/pgd.h"

namespace inoculate {

/// PGD, with the momentum that transfers best (Dong et al. 2018), against `source`, which must take
/// the same images and have the same classes. The model of the task is never asked; the result
/// says which adversaries fool it. Calls are to the source.
AttackResult transfer(const AttackTask& task, const Classifier& source, const PgdOptions& options,
                      Rng& rng, const OnAttackProgress& on_progress = nullptr);

/// Its row in the registry (attack/registry.h).
AttackMethod transfer_method();

}  // namespace inoculate
