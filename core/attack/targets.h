// Targets of their own for each image of a task (AttackTask::targets).
#pragma once

#include <vector>

#include "attack/attack.h"

namespace inoculate {

/// For each image any class but its label, each as likely. An image's follows from its number and
/// the generator's state.
std::vector<int> random_targets(const AttackTask& task, Rng& rng);

/// The same from a seed, whose attack draws from another generator.
std::vector<int> random_targets(const AttackTask& task, std::uint64_t seed);

/// For each image the class but its label that the model holds least likely, the first of equals:
/// the "least likely class" of Kurakin, Goodfellow & Bengio, "Adversarial Machine Learning at
/// Scale", 2017, section 3. The model must give probabilities.
std::vector<int> least_likely_targets(const AttackTask& task);

/// Makes those adversaries [N, input] the images again whose label is their target already. They
/// are part of a task because some attacks start from them, but nobody asked to change them.
void leave_out_targets(Matrix& adversaries, const AttackTask& task);

}  // namespace inoculate
