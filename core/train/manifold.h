// Adversarial training on the manifold of a generator: besides adversaries, pairs of images that it
// makes and that lie near each other should be read alike.
//
// Jalal, Ilyas, Daskalakis & Dimakis, "The Robust Manifold Defense: Adversarial Training using
// Generative Models", 2019, section 5, whose overpowered attack finds the pairs.
#pragma once

#include <memory>

#include "base/rng.h"
#include "model/classifier.h"
#include "model/generator.h"
#include "model/graph_function.h"
#include "train/objective.h"
#include "train/recipe.h"

namespace inoculate {

struct PairOptions {
  int steps = 10;
  float step_size = 0.05F;  ///< of Adam, in units of the latent vectors' prior
  float distance = 1.5F;    ///< how far apart in L2 the two images may be
  float penalty = 1;        ///< of what they are further apart, squared
};

/// Pairs [2 * pairs, input] of images that `decoder` makes, first all first ones, then all second
/// ones: from latent vectors of the prior and others beside them, as far as Adam finds the largest
/// cross-entropy of what `model` reads in the second from what it reads in the first. The model
/// must give gradients.
Matrix differing_pairs(const Classifier& model, const GraphFunction& decoder, int pairs,
                       const PairOptions& options, Rng& rng);

/// The objective of a method that heeds kDecoderBit: the cross-entropy of the batch's adversaries,
/// by PGD, and the pairs' loss, half as many as there are examples and epsilon apart at most, all
/// normalised and dropped out of together. Throws Error where `vae` is of another kind, or makes
/// other images than the network takes.
std::unique_ptr<Objective> manifold_objective(const RecipeOptions& options,
                                              const Trainable& network, const Generator& vae);

/// The mean over pairs of that cross-entropy, of logits [2 * pairs, classes] in the same order,
/// times `weight`: sets d_logits, and losses [2 * pairs] to weight times each pair's in its first
/// row, and 0 in its second. `scale` multiplies d_logits besides.
void pair_loss(float* losses, float* d_logits, float weight, float scale, const float* logits,
               int pairs, int classes);

}  // namespace inoculate
