#include "train/adversarial_batches.h"

#include <algorithm>
#include <set>
#include <vector>

#include "catch.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "random_data.h"

using namespace inoculate;

namespace {

constexpr int kSize = 40;

/// Examples that can be told by their first pixel, which the attack leaves alone: its weights are
/// zero.
struct Scene {
  Network network{logistic_regression()};
  Matrix images = RandomData(1).images(kSize, 784);
  Labels labels = RandomData(2).labels(kSize);

  std::unique_ptr<Trainable> learner = trainable(network);

  Scene() {
    Rng rng(1);
    network.initialize(rng);
    for (std::size_t i = 0; i < 10; ++i) network.parameters()[i] = 0;
    for (int i = 0; i < kSize; ++i) images(i, 0) = static_cast<float>(i);
  }
  AdversarialBatches batches(int size, std::uint64_t seed, const FgsmOptions& options) const {
    return AdversarialBatches(*learner, examples_of(images, labels), size, options, seed);
  }
};

std::vector<int> examples_in(const AdversarialBatch& batch) {
  std::vector<int> examples;
  for (Eigen::Index i = 0; i < batch.adversaries.rows(); ++i) {
    examples.push_back(static_cast<int>(batch.adversaries(i, 0)));
  }
  return examples;
}

FgsmOptions unclipped(float epsilon) {
  FgsmOptions options;
  options.threat.epsilon = epsilon;
  options.threat.range.reset();
  return options;
}

}  // namespace

TEST_CASE("a batch is of different examples, attacked, under their true labels") {
  const Scene scene;
  auto batches = scene.batches(10, 1, unclipped(0.1F));
  for (int round = 0; round < 5; ++round) {
    const auto batch = batches.next();
    const auto examples = examples_in(batch);
    CHECK(std::set<int>(examples.begin(), examples.end()).size() == 10);
    Matrix images(10, 784);
    Labels labels;
    for (int i = 0; i < 10; ++i) {
      const int example = examples[static_cast<std::size_t>(i)];
      images.row(i) = scene.images.row(example);
      labels.push_back(scene.labels[static_cast<std::size_t>(example)]);
    }
    CHECK(batch.labels == labels);
    CHECK(batch.adversaries ==
          fgsm(NetworkClassifier(scene.network), images, labels, unclipped(0.1F)));
  }
}

TEST_CASE("batches go on for ever, in new orders, and reach every example") {
  const Scene scene;
  auto batches = scene.batches(10, 1, unclipped(0));
  std::set<int> seen;
  std::set<std::vector<int>> orders;
  for (int round = 0; round < 30; ++round) {
    const auto examples = examples_in(batches.next());
    seen.insert(examples.begin(), examples.end());
    orders.insert(examples);
  }
  CHECK(seen.size() == kSize);
  CHECK(orders.size() == 30);
}

TEST_CASE("a batch as large as the source is all of it") {
  const Scene scene;
  const auto examples = examples_in(scene.batches(kSize, 1, unclipped(0)).next());
  CHECK(std::set<int>(examples.begin(), examples.end()).size() == kSize);
}

TEST_CASE("a seed gives the same batches again, another seed others") {
  const Scene scene;
  auto a = scene.batches(10, 1, unclipped(0.1F)), b = scene.batches(10, 1, unclipped(0.1F));
  auto c = scene.batches(10, 2, unclipped(0.1F));
  const auto first = a.next();
  CHECK(b.next().adversaries == first.adversaries);
  CHECK(examples_in(c.next()) != examples_in(first));
  CHECK(a.next().adversaries == b.next().adversaries);
}

TEST_CASE("a batch is made against the weights of that moment") {
  Scene scene;
  auto batches = scene.batches(kSize, 1, unclipped(0.1F));
  for (float& weight : scene.network.parameters()) weight = 0;
  const auto batch = batches.next();
  const auto examples = examples_in(batch);
  for (int i = 0; i < kSize; ++i) {
    CHECK(batch.adversaries.row(i) == scene.images.row(examples[static_cast<std::size_t>(i)]));
  }
}
