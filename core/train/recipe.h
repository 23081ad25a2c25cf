// What training learns from: the examples as they are, or what a defence makes of them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "attack/threat_model.h"
#include "base/rng.h"
#include "base/shapes.h"
#include "model/trainable.h"
#include "nn/loss.h"
#include "train/one_step_training.h"

namespace inoculate {

enum class TrainingMethod {
  kPlain,            ///< the examples themselves
  kMixedBatch,       ///< half of every batch by FGSM against the weights of that moment
  kFgsmRandomStart,  ///< all of it by one step from a random start
  kPgd,              ///< all of it by PGD
  kManifold,         ///< the same, and pairs of images of a generator: train/manifold.h
  kTrades,           ///< examples, and how far their neighbours differ from them
  kLabelSmoothing,   ///< a baseline: softened labels
  kInputNoise,       ///< a baseline: uniform noise
  kGaussianNoise,    ///< the noise of the smoothed model (certify/smoothing.h)
  kIbp,              ///< the examples and bounds around them: train/certified_training.h
  kMtlIbp,           ///< adversaries of one step, and bounds around the examples
  kCrownIbp,         ///< the examples, and around them tighter bounds while epsilon rises
};

/// A method with its settings. Adversaries keep to L-inf, or to `norm`, and to the pixels that the
/// network takes as valid (0..1), and are made in inference mode against the weights of that
/// moment.
struct RecipeOptions {
  TrainingMethod method = TrainingMethod::kPlain;
  float epsilon = 0.3F;            ///< of adversaries and noise, at least 0
  int steps = 10;                  ///< of PGD and TRADES, at least 1
  float step_size = 0.25F * 0.3F;  ///< of PGD and TRADES, in pixels of 0..1; see default_step_size
  float smooth_share = 0;          ///< of the batches: PGD along smoothed gradients
  float beta = 6;                  ///< TRADES: weight of the neighbours
  float smoothing = 0.1F;          ///< label smoothing: share of a label spread over all classes
  double warm_up = 0;              ///< epochs in which epsilon rises from 0, and steps with it
  bool recover = true;             ///< one step: from overfitting to it, see one_step_adversaries
  float kappa = 0;                 ///< bounds: what share the loss of the images keeps, in 0..1
  float l1 = 0;                    ///< bounds: what each number of a kernel costs
  float clip_norm = 10;            ///< bounds: the most that a gradient's norm may be, above 0
  float crown_share = 0;           ///< bounds: what share CROWN's keep of them, in 0..1
  float judge_epsilon = 0.3F;      ///< bounds: of the certificates that choose the best weights
  float sigma = 0.5F;              ///< Gaussian noise: its deviation, in pixels of 0..1
  Norm norm = Norm::kLinf;         ///< of PGD's adversaries: or L2
  float pair_weight = 0.01F;       ///< manifold: of the pairs' loss
  std::uint64_t decoder_fingerprint = 0;  ///< manifold: of the generator's file
};

/// What part of epsilon it has risen to, 0..1, so many epochs after the beginning.
inline double warmth(const RecipeOptions& options, double epochs_done) {
  return options.warm_up > 0 ? std::min(1.0, epochs_done / options.warm_up) : 1;
}

/// MTL-IBP's kappa where none is given.
inline constexpr float kMtlIbpKappa = 0.5F;

/// A quarter of epsilon: the step size where none is given.
inline float default_step_size(float epsilon) { return 0.25F * epsilon; }

/// Settings that some methods heed and others do not, as bits of NamedMethod::options. Epsilon is
/// none of them: whatever the method, its network is checked by PGD at that epsilon.
enum RecipeOptionBits : unsigned {
  kAttackStepsBit = 1U << 0,  ///< steps and step_size
  kSmoothShareBit = 1U << 1,
  kBetaBit = 1U << 2,
  kSmoothingBit = 1U << 3,
  kWarmUpBit = 1U << 4,
  kRecoverBit = 1U << 5,
  kBoundsBit = 1U << 6,  ///< trains with bounds: kappa and all below it
  kSigmaBit = 1U << 7,
  kNormBit = 1U << 8,     ///< epsilon may be one of L2
  kDecoderBit = 1U << 9,  ///< trains with a generator's images, and heeds their weight
  kCrownBit = 1U << 10,   ///< trains with bounds of CROWN too: crown_share
};

/// A method's name on the command line and in files, such as "mixed-batch".
struct NamedMethod {
  TrainingMethod method;
  const char* name;
  const char* title;  ///< a few words and the paper
  bool robust;        ///< trains for the worst case: judged by an attack, not by clean accuracy
  unsigned options;   ///< RecipeOptionBits

  bool heeds(RecipeOptionBits bit) const { return (options & bit) != 0; }
};

/// All of them, plain training first.
std::span<const NamedMethod> training_methods();
const NamedMethod& describe_method(TrainingMethod method);
const char* method_name(TrainingMethod method);
std::optional<TrainingMethod> find_training_method(std::string_view name);
inline bool trains_with_bounds(TrainingMethod method) {
  return describe_method(method).heeds(kBoundsBit);
}
/// Whether it takes an Objective of its own (train/certified_training.h, train/manifold.h).
inline bool needs_objective(TrainingMethod method) {
  return (describe_method(method).options & (kBoundsBit | kDecoderBit)) != 0;
}

/// Makes of a batch of examples, images [N, input] in 0..1 with their labels [N], the images to
/// learn from, `epochs_done` epochs (with the part of the current one) after the beginning; `state`
/// is what one-step training remembers from batch to batch.
///
/// - Mixed batches are those of Goodfellow, Shlens & Szegedy 2015, section 6, half clean and half
///   adversarial, with an epsilon for each image drawn uniformly up to `epsilon`, as Kurakin,
///   Goodfellow & Bengio, "Adversarial Machine Learning at Scale", 2017, section 2, advise: with
///   one epsilon for all a network learns that epsilon. The second half of the batch is attacked.
/// - One step: see train/one_step_training.h.
/// - PGD: Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", 2018.
///   Batches attacked along smoothed gradients (see PgdOptions) teach to withstand perturbations of
///   whole areas, which PGD's own gradients seldom find and black-box attacks do.
/// - Manifold: PGD; the pairs are its objective's.
/// - TRADES: Zhang et al., "Theoretically Principled Trade-off between Robustness and Accuracy",
///   2019, algorithm 1. The batch becomes [2 N, input]: the examples, then their neighbours.
/// - Gaussian noise: Cohen, Rosenfeld & Kolter, "Certified Adversarial Robustness via Randomized
///   Smoothing", 2019, section 3.3. Pixels may leave 0..1, as those do that the smoothed model asks
///   about.
/// - MTL-IBP: one step from a random start; of IBP and CROWN-IBP the examples are learnt, with
/// bounds.
void apply_recipe(Matrix& images, const RecipeOptions& options, const Trainable& network,
                  const Labels& labels, Rng& rng, double epochs_done, OneStepState& state);

/// The loss of what apply_recipe made, as loss_and_gradient has it: losses [rows] and d_logits
/// [rows, classes] times `scale` of logits [rows, classes]; labels [N] are of the examples. TRADES
/// puts the whole loss of an example in its first row, and 0 in its neighbour's.
void recipe_loss(float* losses, float* d_logits, const RecipeOptions& options, Loss loss,
                 float scale, const float* logits, const Labels& labels, int rows, int classes);

}  // namespace inoculate
