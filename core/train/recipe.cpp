#include "train/recipe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "attack/gradients.h"
#include "attack/perturbation.h"
#include "attack/pgd.h"
#include "nn/softmax.h"

namespace inoculate {
namespace {

constexpr std::array kMethods{
    NamedMethod{TrainingMethod::kPlain, "plain", "no defence", false, 0},
    NamedMethod{TrainingMethod::kMixedBatch, "mixed-batch",
                "half clean, half FGSM (Goodfellow et al. 2015)", false, kWarmUpBit},
    NamedMethod{TrainingMethod::kFgsmRandomStart, "fgsm-rs",
                "one step from a random start (Wong et al. 2020)", true, kWarmUpBit | kRecoverBit},
    NamedMethod{TrainingMethod::kPgd, "pgd", "PGD (Madry et al. 2018)", true,
                kAttackStepsBit | kSmoothShareBit | kWarmUpBit | kNormBit},
    NamedMethod{TrainingMethod::kManifold, "manifold",
                "PGD, and pairs of a generator's images (Jalal et al. 2019)", true,
                kAttackStepsBit | kWarmUpBit | kNormBit | kDecoderBit},
    NamedMethod{TrainingMethod::kTrades, "trades", "TRADES (Zhang et al. 2019)", true,
                kAttackStepsBit | kBetaBit | kWarmUpBit},
    NamedMethod{TrainingMethod::kLabelSmoothing, "label-smoothing", "softened labels", false,
                kSmoothingBit},
    NamedMethod{TrainingMethod::kInputNoise, "noise", "uniform noise", false, kWarmUpBit},
    NamedMethod{TrainingMethod::kGaussianNoise, "gaussian-noise",
                "the noise of the smoothed model (Cohen et al. 2019)", false, kSigmaBit},
    NamedMethod{TrainingMethod::kIbp, "ibp", "interval bounds (Gowal et al. 2018)", true,
                kWarmUpBit | kBoundsBit},
    NamedMethod{TrainingMethod::kMtlIbp, "mtl-ibp",
                "interval bounds and one step (De Palma et al. 2024)", true,
                kWarmUpBit | kBoundsBit},
    NamedMethod{TrainingMethod::kCrownIbp, "crown-ibp",
                "linear bounds that give way to intervals (Zhang et al. 2020)", true,
                kWarmUpBit | kBoundsBit | kCrownBit},
};

void mix(Matrix& images, float epsilon, const Trainable& network, const Labels& labels, Rng& rng) {
  const int clean = static_cast<int>(images.rows() + 1) / 2;
  const int attacked = static_cast<int>(images.rows()) - clean;
  const Labels aims(labels.begin() + clean, labels.end());
  Matrix gradients;
  objective_gradients(gradients, nullptr, *network.classifier(), images.bottomRows(attacked),
                      loss_objective(Loss::kCrossEntropy, aims, network.spec().classes));
  for (int i = 0; i < attacked; ++i) {
    float* image = images.row(clean + i).data();
    const int size = network.spec().input.size();
    step_along(image, image, gradients.row(i).data(), size, Norm::kLinf,
               epsilon * static_cast<float>(rng.uniform()));
    clip(image, size, ValueRange{});
  }
}

ThreatModel threat_of(float epsilon, Norm norm = Norm::kLinf) {
  ThreatModel threat;
  threat.norm = norm;
  threat.epsilon = epsilon;
  return threat;
}

// `attack` gives the adversaries of a task.
template <class Attack>
void attack_all(Matrix& images, const ThreatModel& threat, const Trainable& network,
                const Labels& labels, const Attack& attack) {
  const std::unique_ptr<Classifier> model = network.classifier();
  images = attack(AttackTask{*model, images, labels, threat, {}});
}

// As a part of epsilon, which may still be warming up.
float relative_step_size(const RecipeOptions& options) {
  return options.epsilon > 0 ? options.step_size / options.epsilon : 0;
}

PgdOptions training_pgd(const RecipeOptions& options, Rng& rng) {
  PgdOptions attack;
  attack.steps = options.steps;
  attack.step_size = relative_step_size(options);
  const auto share = static_cast<double>(options.smooth_share);
  attack.smooth = share > 0 && rng.uniform() < share;
  return attack;
}

// Appends to the examples the neighbours whose probabilities differ most from theirs.
void append_neighbours(Matrix& images, const RecipeOptions& options, float epsilon,
                       const Trainable& network, Rng& rng) {
  constexpr float kSpread = 0.001F;  // of the starts, as in the paper's code
  const int n = static_cast<int>(images.rows()), size = network.spec().input.size();
  const int classes = network.spec().classes;
  const std::unique_ptr<Classifier> model = network.classifier();
  Matrix p = model->logits(images);
  softmax(p.data(), p.data(), n, classes);
  const ThreatModel threat = threat_of(epsilon);
  const float step_size = relative_step_size(options) * epsilon;
  Matrix x = images;
  for (Eigen::Index i = 0; i < x.size(); ++i) {
    x.data()[i] += kSpread * static_cast<float>(2 * rng.uniform() - 1);
  }
  Matrix gradients;
  for (int step = 0; step < options.steps; ++step) {
    // The divergence of the examples' probabilities from their neighbours'.
    objective_gradients(gradients, nullptr, *model, x,
                        [&](float* d, const float* logits, int begin, int rows) {
                          softmax(d, logits, rows, classes);
                          const float* of_example = p.row(begin).data();
                          for (int k = 0; k < rows * classes; ++k) d[k] -= of_example[k];
                        });
    for_each_row(n, [&](int i) {
      float* row = x.row(i).data();
      step_along(row, row, gradients.row(i).data(), size, Norm::kLinf, step_size);
      project(row, images.row(i).data(), size, threat);
    });
  }
  Matrix both(2 * n, size);
  both << images, x;
  images = std::move(both);
}

// Cross-entropy of an example, and beta times the divergence of its neighbour.
void trades_loss(float* losses, float* d_logits, float beta, float scale, const float* logits,
                 const Labels& labels, int n, int classes) {
  loss_and_gradient(losses, d_logits, Loss::kCrossEntropy, scale, logits, labels.data(), n,
                    classes);
  std::vector<float> p(static_cast<std::size_t>(2 * n * classes));
  softmax(p.data(), logits, 2 * n, classes);
  for (int i = 0; i < n; ++i) {
    const float* own = p.data() + i * classes;
    const float* neighbour = p.data() + (n + i) * classes;
    const auto log_ratio = [&](int k) {
      constexpr float kLeast = 1e-12F;
      return std::log(std::max(own[k], kLeast)) - std::log(std::max(neighbour[k], kLeast));
    };
    float divergence = 0;
    for (int k = 0; k < classes; ++k) divergence += own[k] * log_ratio(k);
    losses[i] += beta * divergence;
    losses[n + i] = 0;
    for (int k = 0; k < classes; ++k) {
      d_logits[i * classes + k] += scale * beta * own[k] * (log_ratio(k) - divergence);
      d_logits[(n + i) * classes + k] = scale * beta * (neighbour[k] - own[k]);
    }
  }
}

// Cross-entropy against (1 - s) * one-hot + s / classes.
void smoothed_loss(float* losses, float* d_logits, float s, float scale, const float* logits,
                   const Labels& labels, int n, int classes) {
  loss_and_gradient(losses, d_logits, Loss::kCrossEntropy, scale, logits, labels.data(), n,
                    classes);
  for (int i = 0; i < n; ++i) {
    const int label = labels[static_cast<std::size_t>(i)];
    const float* z = logits + i * classes;
    float mean = 0;
    for (int k = 0; k < classes; ++k) mean += z[k] / static_cast<float>(classes);
    losses[i] += s * (z[label] - mean);
    for (int k = 0; k < classes; ++k) {
      d_logits[i * classes + k] -= scale * s / static_cast<float>(classes);
    }
    d_logits[i * classes + label] += scale * s;
  }
}

}  // namespace

std::span<const NamedMethod> training_methods() { return kMethods; }

const NamedMethod& describe_method(TrainingMethod method) {
  return *std::find_if(kMethods.begin(), kMethods.end(),
                       [&](const NamedMethod& m) { return m.method == method; });
}

const char* method_name(TrainingMethod method) { return describe_method(method).name; }

std::optional<TrainingMethod> find_training_method(std::string_view name) {
  for (const NamedMethod& m : kMethods) {
    if (name == m.name) return m.method;
  }
  return std::nullopt;
}

void apply_recipe(Matrix& images, const RecipeOptions& options, const Trainable& network,
                  const Labels& labels, Rng& rng, double epochs_done, OneStepState& state) {
  const float epsilon = options.epsilon * static_cast<float>(warmth(options, epochs_done));
  const ThreatModel threat = threat_of(epsilon, options.norm);
  switch (options.method) {
    case TrainingMethod::kPlain:
    case TrainingMethod::kLabelSmoothing:
    case TrainingMethod::kIbp:
    case TrainingMethod::kCrownIbp:
      return;
    case TrainingMethod::kMtlIbp:
      return attack_all(images, threat, network, labels, [&](const AttackTask& task) {
        return one_step_adversaries(task, false, state, rng);
      });
    case TrainingMethod::kMixedBatch:
      return mix(images, epsilon, network, labels, rng);
    case TrainingMethod::kFgsmRandomStart:
      return attack_all(images, threat, network, labels, [&](const AttackTask& task) {
        return one_step_adversaries(task, options.recover, state, rng);
      });
    case TrainingMethod::kPgd:
    case TrainingMethod::kManifold:
      return attack_all(images, threat, network, labels, [&](const AttackTask& task) {
        return pgd_iterates(task, training_pgd(options, rng), rng);
      });
    case TrainingMethod::kTrades:
      return append_neighbours(images, options, epsilon, network, rng);
    case TrainingMethod::kInputNoise: {
      const Matrix examples = images;
      for (Eigen::Index i = 0; i < images.rows(); ++i) {
        random_start(images.row(i).data(), examples.row(i).data(), network.spec().input.size(),
                     threat_of(epsilon), rng);
      }
      return;
    }
    case TrainingMethod::kGaussianNoise:
      for (Eigen::Index i = 0; i < images.size(); ++i) {
        images.data()[i] += static_cast<float>(double{options.sigma} * rng.normal());
      }
      return;
  }
}

void recipe_loss(float* losses, float* d_logits, const RecipeOptions& options, Loss loss,
                 float scale, const float* logits, const Labels& labels, int rows, int classes) {
  switch (options.method) {
    case TrainingMethod::kTrades:
      return trades_loss(losses, d_logits, options.beta, scale, logits, labels, rows / 2, classes);
    case TrainingMethod::kLabelSmoothing:
      return smoothed_loss(losses, d_logits, options.smoothing, scale, logits, labels, rows,
                           classes);
    default:
      return loss_and_gradient(losses, d_logits, loss, scale, logits, labels.data(), rows, classes);
  }
}

}  // namespace inoculate
