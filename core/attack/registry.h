// All attacks by name, run from one set of options: what the command and the page list.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "attack/attack.h"
#include "nn/loss.h"

namespace inoculate {

/// What an attacker must be able to see of the network.
enum class Knowledge {
  kGradients,      ///< white box: weights, and so gradients
  kProbabilities,  ///< black box: the probabilities (or logits) of any image
  kLabels,         ///< black box: the predicted class of any image
};

/// The options of AttackOptions that a method can heed, as bits of AttackMethod::options. Every
/// method heeds the criterion and the range.
enum AttackOptionBits : unsigned {
  kEpsilonBit = 1U << 0,
  kLossBit = 1U << 1,
  kStepsBit = 1U << 2,
  kStepSizeBit = 1U << 3,
  kRestartsBit = 1U << 4,
  kRandomStartBit = 1U << 5,
  kTargetBit = 1U << 6,
  kConfidenceBit = 1U << 7,
  kQueriesBit = 1U << 8,
};

/// The settings of any method; what is not set has the method's default, which is that of its
/// paper or of foolbox.
struct AttackOptions {
  Loss loss = Loss::kCrossEntropy;
  std::optional<int> steps;        ///< at least 1
  std::optional<float> step_size;  ///< above 0, in units of the pixels
  std::optional<int> restarts;     ///< at least 1
  bool random_start = true;        ///< where the method has one
  std::optional<int> queries;      ///< looks at each image, at most; at least 2
};

struct AttackMethod {
  const char* name;   ///< as in `inoculate attack NAME`
  const char* title;  ///< a few words
  const char* paper;  ///< "Author et al. 2015"
  std::vector<Norm> norms;
  Knowledge knowledge;
  unsigned options;  ///< AttackOptionBits
  bool nearest;      ///< looks for the nearest adversary; epsilon, which may be infinite, only
                     ///< says how near it must be
  AttackResult (*run)(const AttackTask&, const AttackOptions&, Rng&, const OnAttackProgress&);
};

/// All of them, in the order in which they are listed.
std::span<const AttackMethod> attack_methods();

/// The method of that name, or null.
const AttackMethod* find_attack(std::string_view name);

}  // namespace inoculate
