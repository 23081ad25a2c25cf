// Nearest neighbours attacked through softened ones.
//
// Papernot, McDaniel and Goodfellow, "Transferability in machine learning", 2016, section 3.3.
#pragma once

#include "attack/method.h"

namespace inoculate {

/// FGSM on the softened neighbours (model/soft_neighbours.h, temperature 1), whose adversaries are
/// judged by the model itself. Throws Error when the task's model asks no neighbours.
AttackResult soft_neighbours(const AttackTask& task, Loss loss);

/// Its row in the registry (attack/registry.h).
AttackMethod soft_neighbours_method();

}  // namespace inoculate
