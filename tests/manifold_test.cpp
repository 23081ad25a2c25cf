// Adversarial training on the manifold of a generator.
#include "train/manifold.h"

#include <cmath>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "generators.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "random_data.h"
#include "refusal_of.h"
#include "train/trainer.h"
#include "train/weight_average.h"

using namespace inoculate;

namespace {

// A network of the generators' tiny images.
Network tiny_classifier() {
  Architecture architecture = mlp(9);
  architecture.input = kTinyImage;
  return random_network(architecture);
}

std::vector<double> softmax_of(const double* z, int classes) {
  std::vector<double> p(z, z + classes);
  double sum = 0;
  for (double& value : p) sum += value = std::exp(value);
  for (double& value : p) value /= sum;
  return p;
}

// The sum over pairs of the cross-entropy of the second's probabilities from the first's.
double whole_loss(const std::vector<double>& logits, int pairs, int classes) {
  double loss = 0;
  for (int i = 0; i < pairs; ++i) {
    const auto p = softmax_of(logits.data() + i * classes, classes);
    const auto q = softmax_of(logits.data() + (pairs + i) * classes, classes);
    for (std::size_t k = 0; k < p.size(); ++k) loss -= p[k] * std::log(q[k]);
  }
  return loss;
}

double cross_entropy_of(const Classifier& model, const Matrix& images) {
  const Matrix logits = model.logits(images);
  return whole_loss({logits.data(), logits.data() + logits.size()},
                    static_cast<int>(images.rows()) / 2, model.spec().classes);
}

}  // namespace

TEST_CASE("the loss of pairs is the cross-entropy, and its gradient the slope of that") {
  constexpr int kPairs = 3, kClasses = 4;
  const std::vector<float> logits = RandomData(1).numbers(2 * kPairs * kClasses, -2, 2);
  std::vector<float> losses(2 * kPairs), d(logits.size());
  pair_loss(losses.data(), d.data(), 0.5F, 0.25F, logits.data(), kPairs, kClasses);
  std::vector<double> exact(logits.begin(), logits.end());
  double sum = 0;
  for (const float loss : losses) sum += static_cast<double>(loss);
  CHECK(sum == Approx(0.5 * whole_loss(exact, kPairs, kClasses)));
  for (std::size_t i = 0; i < exact.size(); ++i) {
    constexpr double kStep = 1e-5;
    std::vector<double> up = exact, down = exact;
    up[i] += kStep;
    down[i] -= kStep;
    const double slope =
        (whole_loss(up, kPairs, kClasses) - whole_loss(down, kPairs, kClasses)) / (2 * kStep);
    CHECK(static_cast<double>(d[i]) == Approx(0.125 * slope).margin(1e-6));
  }
}

TEST_CASE("pairs stay near each other, and are read the more differently the longer the search") {
  const Network network = tiny_classifier();
  const NetworkClassifier model(network);
  const Generator vae = random_generator(tiny_vae_sizes());
  const GraphFunction decoder(vae.generator, vae.name);
  constexpr int kPairs = 40;
  double before = 0;
  for (const int steps : {0, 30}) {
    PairOptions options;
    options.steps = steps;
    options.distance = 0.3F;
    options.penalty = 10;
    Rng rng(5);
    const Matrix images = differing_pairs(model, decoder, kPairs, options, rng);
    REQUIRE(images.rows() == 2 * kPairs);
    CHECK(images.minCoeff() >= 0);
    CHECK(images.maxCoeff() <= 1);
    int far = 0;
    for (Eigen::Index i = 0; i < kPairs; ++i) {
      if ((images.row(i) - images.row(kPairs + i)).norm() > 1.5F * options.distance) ++far;
    }
    CHECK(far <= kPairs / 10);
    const double differs = cross_entropy_of(model, images);
    if (steps > 0) CHECK(differs > before);
    before = differs;
    Rng again(5);
    CHECK(differing_pairs(model, decoder, kPairs, options, again) == images);
  }
}

TEST_CASE("training with pairs learns the examples, and to read pairs more alike") {
  const Generator vae = random_generator(tiny_vae_sizes());
  const Matrix images = RandomData(1).images(32, kTinyImage.size());
  Labels labels;
  for (Eigen::Index i = 0; i < images.rows(); ++i) labels.push_back(images(i, 0) > 0.5F ? 1 : 0);
  TrainingOptions options{40, 8, 1e-2F, Loss::kCrossEntropy, 1};
  options.recipe.method = TrainingMethod::kManifold;
  options.recipe.norm = Norm::kL2;
  options.recipe.epsilon = 0.05F;
  options.recipe.steps = 2;
  options.recipe.step_size = 0.02F;
  double differs = 0;
  for (const float weight : {0.0F, 0.5F}) {
    CAPTURE(weight);
    Network network = tiny_classifier();
    options.recipe.pair_weight = weight;
    const std::unique_ptr<Trainable> learner = trainable(network);
    CHECK_THROWS_AS(Trainer(trainable(network), examples_of(images, labels), options), Error);
    Trainer trainer(trainable(network), examples_of(images, labels), options,
                    manifold_objective(options.recipe, *learner, vae));
    trainer.run([](const TrainingProgress&) { return true; });
    const NetworkClassifier trained(network);
    const Labels read = most_likely(trained.logits(images));
    int right = 0;
    for (std::size_t i = 0; i < read.size(); ++i) right += read[i] == labels[i] ? 1 : 0;
    CHECK(right >= 28);
    PairOptions pairs;
    pairs.distance = 0.3F;
    Rng rng(9);
    const GraphFunction decoder(vae.generator, vae.name);
    const Matrix found = differing_pairs(trained, decoder, 40, pairs, rng);
    if (weight > 0) CHECK(cross_entropy_of(trained, found) < 0.9 * differs);
    differs = cross_entropy_of(trained, found);
  }
}

TEST_CASE("a generator that does not fit is refused in words") {
  Network network = random_network(tiny_network());
  const std::unique_ptr<Trainable> learner = trainable(network);
  CHECK(refusal_of([&] {
          manifold_objective({}, *learner, random_generator(tiny_advgan_sizes()));
        }).find("makes perturbations, not images") != std::string::npos);
  CHECK(refusal_of([&] {
          manifold_objective({}, *learner, random_generator(tiny_vae_sizes()));
        }).find("makes other images than") != std::string::npos);
}

TEST_CASE("a batch of a single image has a pair too") {
  Network network = tiny_classifier();
  const Matrix image = RandomData(1).images(1, kTinyImage.size());
  const Labels label{1};
  TrainingOptions options{2, 8, 1e-2F, Loss::kCrossEntropy, 1};
  options.recipe.method = TrainingMethod::kManifold;
  options.recipe.epsilon = 0.05F;
  double without = 0;
  for (const float weight : {0.0F, 100.0F}) {
    Network copy = network;
    options.recipe.pair_weight = weight;
    const std::unique_ptr<Trainable> learner = trainable(copy);
    Trainer trainer(
        trainable(copy), examples_of(image, label), options,
        manifold_objective(options.recipe, *learner, random_generator(tiny_vae_sizes())));
    const double loss = trainer.step().loss;
    CHECK(std::isfinite(loss));
    if (weight > 0) CHECK(loss > without);
    without = loss;
  }
}
