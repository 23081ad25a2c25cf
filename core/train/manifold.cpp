#include "train/manifold.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "attack/gradients.h"
#include "base/error.h"
#include "nn/adam.h"
#include "nn/loss.h"
#include "nn/softmax.h"

namespace inoculate {
namespace {

// How far apart the latent vectors of a pair begin, as a part of the prior's deviation: together
// they would have no direction to part in.
constexpr float kApart = 0.1F;

// The smallest probability that has a logarithm here.
constexpr float kLeast = 1e-12F;

float log_of(float p) { return std::log(std::max(p, kLeast)); }

// Cross-entropy of q from p, [classes] each.
float cross_entropy(const float* p, const float* q, int classes) {
  float sum = 0;
  for (int k = 0; k < classes; ++k) sum -= p[k] * log_of(q[k]);
  return sum;
}

// d [classes] = scale times its gradient by the logits of p, or of q.
void by_first(float* d, float scale, const float* p, const float* q, int classes) {
  const float whole = cross_entropy(p, q, classes);
  for (int k = 0; k < classes; ++k) d[k] = scale * p[k] * (-log_of(q[k]) - whole);
}
void by_second(float* d, float scale, const float* p, const float* q, int classes) {
  for (int k = 0; k < classes; ++k) d[k] = scale * (q[k] - p[k]);
}

// Adds to the gradients of both images of each pair that of the penalty on their distance.
void add_penalty(Matrix& gradients, const Matrix& images, const PairOptions& options) {
  const Eigen::Index pairs = images.rows() / 2;
  for (Eigen::Index i = 0; i < pairs; ++i) {
    const Eigen::RowVectorXf apart = images.row(i) - images.row(pairs + i);
    const float distance = apart.norm();
    if (distance <= options.distance) continue;
    const float factor = 2 * options.penalty * (1 - options.distance / distance);
    gradients.row(i) += factor * apart;
    gradients.row(pairs + i) -= factor * apart;
  }
}

class ManifoldObjective : public Objective {
 public:
  ManifoldObjective(const RecipeOptions& options, const Generator& vae)
      : options_(options), decoder_(vae.generator, vae.name) {}

  const float* gradient(std::span<float> d_parameters, float* losses, Trainable& network,
                        const TrainingBatch& batch, Rng& rng) override {
    Matrix adversaries = batch.images;
    OneStepState state;
    apply_recipe(adversaries, options_, network, batch.labels, rng, batch.epochs_done, state);
    PairOptions pairs;
    pairs.distance = options_.epsilon * static_cast<float>(warmth(options_, batch.epochs_done));
    const int n = static_cast<int>(adversaries.rows()), classes = network.spec().classes;
    const int count = (n + 1) / 2;  // at least one, of a batch of one
    const Matrix made = differing_pairs(*network.classifier(), decoder_, count, pairs, rng);
    const int rows = n + 2 * count;
    images_.resize(rows, adversaries.cols());
    images_ << adversaries, made;
    const float* logits = network.forward_training(images_.data(), rows, rng);
    Matrix d_logits(rows, classes);
    loss_and_gradient(losses, d_logits.data(), Loss::kCrossEntropy, 1.0F / static_cast<float>(n),
                      logits, batch.labels.data(), n, classes);
    std::vector<float> of_pairs(static_cast<std::size_t>(2 * count));
    pair_loss(of_pairs.data(), d_logits.data() + n * classes, options_.pair_weight,
              1.0F / static_cast<float>(count), logits + n * classes, count, classes);
    // The mean over the examples of what is told is the mean over the pairs.
    const float share = static_cast<float>(n) / static_cast<float>(count);
    for (int i = 0; i < count; ++i) losses[i] += share * of_pairs[static_cast<std::size_t>(i)];
    network.backward(d_parameters, d_logits.data());
    return logits;
  }

 private:
  RecipeOptions options_;
  GraphFunction decoder_;
  Matrix images_;
};

}  // namespace

std::unique_ptr<Objective> manifold_objective(const RecipeOptions& options,
                                              const Trainable& network, const Generator& vae) {
  if (vae.sizes.kind != GeneratorKind::kVae) {
    throw Error(vae.name +
                ": makes perturbations, not images; take a generator that train-generator --kind "
                "vae made");
  }
  if (vae.sizes.image != network.spec().input) {
    throw Error(vae.name + ": makes other images than " + network.spec().name +
                " takes; train a generator on such images");
  }
  return std::make_unique<ManifoldObjective>(options, vae);
}

Matrix differing_pairs(const Classifier& model, const GraphFunction& decoder, int pairs,
                       const PairOptions& options, Rng& rng) {
  const int classes = model.spec().classes;
  Matrix z(2 * pairs, decoder.inputs());
  for (Eigen::Index i = 0; i < pairs * z.cols(); ++i) {
    z.data()[i] = static_cast<float>(rng.normal());
  }
  for (Eigen::Index i = 0; i < pairs * z.cols(); ++i) {
    z.data()[pairs * z.cols() + i] = z.data()[i] + kApart * static_cast<float>(rng.normal());
  }
  const auto numbers = static_cast<std::size_t>(z.size());
  AdamState adam(numbers);
  GraphFunction::Trace trace;
  Matrix gradients;
  for (int step = 0; step < options.steps; ++step) {
    const Matrix images = decoder.forward(z, trace);
    Matrix p = model.logits(images);
    softmax(p.data(), p.data(), 2 * pairs, classes);
    // What is descended: the cross-entropy's negative, and the penalty.
    objective_gradients(gradients, nullptr, model, images,
                        [&](float* d, const float*, int begin, int rows) {
                          for (int row = begin; row < begin + rows; ++row, d += classes) {
                            const int pair = row % pairs;
                            const float* first = p.row(pair).data();
                            const float* second = p.row(pairs + pair).data();
                            (row < pairs ? by_first : by_second)(d, -1, first, second, classes);
                          }
                        });
    add_penalty(gradients, images, options);
    const Matrix d_z = decoder.backward(gradients, trace);
    adam_step({z.data(), numbers}, {d_z.data(), numbers}, adam, options.step_size);
  }
  return decoder(z);
}

void pair_loss(float* losses, float* d_logits, float weight, float scale, const float* logits,
               int pairs, int classes) {
  std::vector<float> p(static_cast<std::size_t>(2 * pairs * classes));
  softmax(p.data(), logits, 2 * pairs, classes);
  const float each = scale * weight;
  for (int i = 0; i < pairs; ++i) {
    const float* first = p.data() + i * classes;
    const float* second = first + pairs * classes;
    losses[i] = weight * cross_entropy(first, second, classes);
    losses[pairs + i] = 0;
    by_first(d_logits + i * classes, each, first, second, classes);
    by_second(d_logits + (pairs + i) * classes, each, first, second, classes);
  }
}

}  // namespace inoculate
