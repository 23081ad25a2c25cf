// What training learns from: the examples as they are, or what a defence makes of them.
#pragma once

#include <optional>
#include <string_view>

#include "base/rng.h"
#include "base/shapes.h"
#include "nn/network.h"

namespace inoculate {

enum class TrainingMethod {
  kPlain,       ///< the examples themselves
  kMixedBatch,  ///< half of every batch by FGSM against the weights of that moment
};

/// A method with its settings. Adversaries keep to L-inf and to pixels in 0..1, and are made by
/// gradients of the cross-entropy in inference mode.
struct RecipeOptions {
  TrainingMethod method = TrainingMethod::kPlain;
  float epsilon = 0.3F;  ///< of the adversaries, at least 0
};

/// "plain", "mixed-batch": a method's name on the command line and in files, and back.
const char* method_name(TrainingMethod method);
std::optional<TrainingMethod> find_training_method(std::string_view name);

/// Makes of a batch of examples, images [N, input] in 0..1 with their labels [N], the images to
/// learn from.
///
/// Mixed batches are those of Goodfellow, Shlens & Szegedy 2015, section 6, half clean and half
/// adversarial, with an epsilon for each image drawn uniformly up to `epsilon`, as Kurakin,
/// Goodfellow & Bengio, "Adversarial Machine Learning at Scale", 2017, section 2, advise: with one
/// epsilon for all a network learns that epsilon. The second half of the batch is attacked.
void apply_recipe(Matrix& images, const RecipeOptions& options, const Network& network,
                  const Labels& labels, Rng& rng);

}  // namespace inoculate
