// Adversaries that a generator makes in one forward pass, as it was trained to against another
// model or the same (generate/advgan.h).
//
// Xiao, Li, Zhu, He, Liu & Song, "Generating Adversarial Examples with Adversarial Networks", 2018.
#pragma once

#include "attack/method.h"
#include "model/graph_function.h"

namespace inoculate {

/// x = image + epsilon * generator(image), kept in the range: semi-white box, for nothing is asked
/// of the model. `generator` gives every pixel's change as a part of epsilon, in -1..1.
AttackResult generated(const AttackTask& task, const GraphFunction& generator);

/// Its row in the registry (attack/registry.h).
AttackMethod generated_method();

}  // namespace inoculate
