// An attack as the registry lists it: its row, which its own file writes, and the options that all
// attacks are run from.
#pragma once

#include <optional>
#include <vector>

#include "attack/attack.h"
#include "nn/loss.h"

namespace inoculate {

/// What a method heeds and is, as bits of AttackMethod::options. Every method heeds the range.
enum AttackOptionBits : unsigned {
  kEpsilonBit = 1U << 0,
  kLossBit = 1U << 1,
  kStepsBit = 1U << 2,
  kStepSizeBit = 1U << 3,
  kRestartsBit = 1U << 4,
  kRandomStartBit = 1U << 5,
  kTargetBit = 1U << 6,
  kConfidenceBit = 1U << 7,  ///< aims for Criterion::confidence
  kQueriesBit = 1U << 8,
  kSourceBit = 1U << 9,     ///< needs AttackOptions::source
  kNearestBit = 1U << 10,   ///< looks for the nearest adversary; epsilon, which may be infinite,
                            ///< only says how near it must be
  kTogetherBit = 1U << 11,  ///< an adversary depends on the task's other images
  kConfidenceFilterBit = 1U << 12,  ///< cannot aim for a confidence, which only says what counts
};

/// The options that most methods have in common.
constexpr unsigned kGoalBits = kTargetBit | kConfidenceBit;
constexpr unsigned kWithinBits = kEpsilonBit | kGoalBits;
constexpr unsigned kIteratedBits = kWithinBits | kStepsBit | kStepSizeBit;
constexpr unsigned kQueriedBits = kWithinBits | kQueriesBit;

/// The settings of any method; what is not set has the method's default, which is that of its
/// paper or of foolbox.
struct AttackOptions {
  Loss loss = Loss::kCrossEntropy;
  std::optional<int> steps;            ///< at least 1
  std::optional<float> step_size;      ///< above 0, in units of the pixels
  std::optional<int> restarts;         ///< at least 1
  bool random_start = true;            ///< where the method has one
  std::optional<int> queries;          ///< looks at each image, at most; at least 2
  const Classifier* source = nullptr;  ///< of the same input and classes as the task's model
};

struct AttackMethod {
  const char* name;         ///< as in `inoculate attack NAME`
  const char* title;        ///< a few words
  const char* paper;        ///< "Author et al. 2015"
  std::vector<Norm> norms;  ///< none: the change has no size
  Knowledge knowledge;      ///< what an attacker must be able to see of the model
  unsigned options;         ///< AttackOptionBits
  AttackResult (*run)(const AttackTask&, const AttackOptions&, Rng&, const OnAttackProgress&);
  std::optional<ModelKind> inside{};  ///< looks inside a model, which must be of this kind

  bool heeds(AttackOptionBits bit) const { return (options & bit) != 0; }
};

/// The step size that the options give as a part of the task's epsilon, as methods count it, or
/// `usual` where they give none. Without an epsilon to take part of it is 0.
float relative_step(const AttackOptions& options, const AttackTask& task, float usual);

}  // namespace inoculate
