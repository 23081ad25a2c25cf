// The attack that fits a model's kind.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// What Papernot, McDaniel and Goodfellow, "Transferability in machine learning", 2016, attack a
/// model of that kind by: the gradient's sign, the hyperplane, the tree's path, softened
/// neighbours, the ensemble's parts. A model that gives no gradients and does not let itself be
/// looked into, as behind preprocessing, is attacked by queries.
const AttackMethod& fitting_attack(const ModelSpec& model);

}  // namespace inoculate
