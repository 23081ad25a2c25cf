// Training for certificates: what is minimised is the loss of the worst logits that bounds allow.
//
// Gowal et al., "On the Effectiveness of Interval Bound Propagation for Training Verifiably Robust
// Models", 2018 (IBP); Shi, Wang, Zhang, Yi & Hsieh, "Fast Certified Robust Training with Short
// Warmup", 2021 (batch normalisation); De Palma et al., "Expressive Losses for Verified Robustness
// via Convex Combinations", 2024 (MTL-IBP); Zhang et al., "Towards Stable and Efficient Training of
// Verifiably Robust Neural Networks", 2020 (CROWN-IBP).
#pragma once

#include <memory>

#include "train/objective.h"
#include "train/recipe.h"

namespace inoculate {

/// The objective of a method that trains with bounds:
///
///     k CE(logits of the images) + (1 - k) CE(worst-case logits) + l1 |kernels|
///
/// where images of IBP are the examples, and of MTL-IBP their adversaries by one step from a random
/// start. While epsilon rises from 0, k falls from 1 to RecipeOptions::kappa. Worst-case logits are
/// those of interval bounds; of CROWN-IBP a share b of them those that one pass of CROWN back from
/// the logits finds (nn/graph/crown_pass.h), and 1 - b those of interval bounds, where b falls from
/// 1 to RecipeOptions::crown_share while epsilon rises (Zhang et al. 2020, section 3.2). The bounds
/// are normalised by the moments of the same batch as the images, whose gradients go through them
/// too; dropout drops nothing. Gradients longer than RecipeOptions::clip_norm are made that long.
/// Throws Error where the network is none of the graph engine's, or has no bounds.
std::unique_ptr<Objective> certified_objective(const RecipeOptions& options,
                                               const Trainable& network);

/// First kernels, each number normal with deviation sqrt(2 pi) / inputs: bounds then grow no wider
/// from layer to layer (Shi et al. 2021, section 3.1). Throws Error as certified_objective does.
void initialize_for_bounds(Trainable& network, std::uint64_t seed);

/// How many of the images [N, input] are classified as their labels say wherever within epsilon
/// (L-inf, and the range of valid pixels) they lie, by interval bounds in single precision or, each
/// logit by whichever is tighter, these and CROWN's: for choosing among networks, not for a proof.
/// Throws Error as certified_objective does.
int certified_by_bounds(const Trainable& network, ConstMatrixRef images, const Labels& labels,
                        float epsilon, bool with_crown);

/// Whether networks of such a recipe are judged by CROWN's bounds too: where it keeps to them,
/// these networks may have none by intervals alone.
inline bool is_judged_by_crown(const RecipeOptions& options) {
  return options.method == TrainingMethod::kCrownIbp && options.crown_share > 0;
}

}  // namespace inoculate
