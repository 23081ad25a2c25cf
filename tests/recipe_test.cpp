#include "train/recipe.h"

#include <cmath>
#include <vector>

#include "attack/fgsm.h"
#include "catch.h"
#include "networks.h"
#include "random_data.h"
#include "train/trainer.h"

using namespace inoculate;

namespace {

constexpr int kExamples = 9;

struct Scene {
  Network network = random_network(mlp(24));
  Matrix images = RandomData(1).images(kExamples, 784);
  Labels labels = RandomData(2).labels(kExamples);
};

std::vector<float> everything(const Network& network) {
  std::vector<float> values(network.parameters().begin(), network.parameters().end());
  values.insert(values.end(), network.statistics().begin(), network.statistics().end());
  return values;
}

}  // namespace

TEST_CASE("a mixed batch is half as it was, half FGSM with an epsilon of each image's own") {
  const Scene scene;
  const float epsilon = 0.3F;
  Matrix batch = scene.images;
  Rng rng(1);
  apply_recipe(batch, {TrainingMethod::kMixedBatch, epsilon}, scene.network, scene.labels, rng);
  CHECK(batch.topRows(5) == scene.images.topRows(5));
  std::vector<float> sizes;
  for (Eigen::Index i = 5; i < kExamples; ++i) {
    const float size = (batch.row(i) - scene.images.row(i)).cwiseAbs().maxCoeff();
    sizes.push_back(size);
    CHECK(size > 0);
    CHECK(size <= epsilon);
    FgsmOptions attack;
    attack.threat.epsilon = size;
    const Matrix expected = fgsm(scene.network, scene.images.row(i),
                                 {scene.labels[static_cast<std::size_t>(i)]}, attack);
    CHECK((batch.row(i) - expected).cwiseAbs().maxCoeff() < 1e-6F);
  }
  for (std::size_t i = 1; i < sizes.size(); ++i) CHECK(sizes[i] != sizes[0]);
}

TEST_CASE("plain training, and an epsilon of 0, leave the batch alone") {
  const Scene scene;
  Rng rng(1);
  for (const RecipeOptions& options : {RecipeOptions{}, {TrainingMethod::kMixedBatch, 0}}) {
    Matrix batch = scene.images;
    apply_recipe(batch, options, scene.network, scene.labels, rng);
    CHECK(batch == scene.images);
  }
}

TEST_CASE("the smallest batches can be mixed") {
  const Scene scene;
  Rng rng(1);
  for (const Eigen::Index size : {1, 2}) {
    Matrix batch = scene.images.topRows(size);
    const Labels labels(scene.labels.begin(), scene.labels.begin() + size);
    apply_recipe(batch, {TrainingMethod::kMixedBatch, 0.3F}, scene.network, labels, rng);
    CHECK(batch.row(0) == scene.images.row(0));
    CHECK((batch.bottomRows(1) == scene.images.row(0)) == (size == 1));
  }
}

TEST_CASE("a trainer learns what the recipe makes, against the weights of that moment") {
  const Scene scene;
  TrainingOptions options{2, 4, 1e-2F, Loss::kCrossEntropy, 9};
  Network plain = scene.network, mixed = scene.network;
  Trainer plainly(plain, examples_of(scene.images, scene.labels), options);
  options.recipe = {TrainingMethod::kMixedBatch, 0.3F};
  Trainer trainer(mixed, examples_of(scene.images, scene.labels), options);
  const auto finish = [](Trainer& t) { t.run([](const TrainingProgress&) { return true; }); };
  finish(plainly);

  // Resumed at any step it comes to the same weights.
  std::vector<std::pair<Network, TrainerState>> stops;
  while (!trainer.finished()) {
    stops.emplace_back(mixed, trainer.state());
    trainer.step();
  }
  CHECK(everything(mixed) != everything(plain));
  for (auto& [network, state] : stops) {
    Trainer again(network, examples_of(scene.images, scene.labels), options);
    again.restore(state);
    finish(again);
    CHECK(everything(network) == everything(mixed));
  }
}

TEST_CASE("methods are found by the names they have") {
  for (const TrainingMethod method : {TrainingMethod::kPlain, TrainingMethod::kMixedBatch}) {
    CHECK(find_training_method(method_name(method)) == method);
  }
  CHECK_FALSE(find_training_method("magic").has_value());
}
