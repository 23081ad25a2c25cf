// Natural evolution strategies: gradients guessed from queries alone, in three threat models.
//
// Ilyas, Engstrom, Athalye & Lin, "Black-box Adversarial Attacks with Limited Queries and
// Information", 2018: sections 2.2 (queries), 2.3 (partial information), 2.4 (labels).
#pragma once

#include "attack/method.h"

namespace inoculate {

/// What an answer to a query tells.
enum class NesKnowledge {
  kProbabilities,  ///< those of all classes
  kTopClass,       ///< the likeliest class and its probability
  kLabel,          ///< the likeliest class
};

struct NesOptions {
  NesKnowledge knowledge = NesKnowledge::kProbabilities;
  int queries = 10000;         ///< looks at each image, at most
  int samples = 50;            ///< of a gradient; even, since they come in antithetic pairs
  float sigma = 0.01F;         ///< spread of the samples, in units of the pixels
  float momentum = 0.9F;       ///< part of the last direction that is kept
  float step_size = 0.1F;      ///< as a part of epsilon
  int label_samples = 10;      ///< draws that stand for a probability when only labels are seen
  float label_spread = 0.05F;  ///< size of those draws, in units of the pixels
};

/// With all probabilities: PGD along the guessed gradient of the margin. With less: starts from the
/// nearest of the task's other images that already has the wanted class, and comes towards the
/// image as far as that class is kept, climbing its probability (or how many of some draws around
/// the point have it) in between; the image must have come within epsilon. Where no other image has
/// a wanted class the image is given up. Epsilon must be finite.
AttackResult nes(const AttackTask& task, const NesOptions& options, Rng& rng,
                 const OnAttackProgress& on_progress = nullptr);

/// Their rows in the registry (attack/registry.h).
AttackMethod nes_method();
AttackMethod nes_top_class_method();
AttackMethod nes_label_method();

}  // namespace inoculate
