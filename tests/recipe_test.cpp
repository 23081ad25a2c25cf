#include "train/recipe.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "attack/fgsm.h"
#include "attack/pgd.h"
#include "catch.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "random_data.h"
#include "train/trainer.h"
#include "train/weight_average.h"

using namespace inoculate;

namespace {

constexpr int kExamples = 9;

struct Scene {
  Network network = random_network(mlp(24));
  Matrix images = RandomData(1).images(kExamples, 784);
  Labels labels = RandomData(2).labels(kExamples);
};

/// A batch as a run's first: nothing is remembered.
void apply_once(Matrix& images, const RecipeOptions& options, const Network& network,
                const Labels& labels, Rng& rng, double epochs_done) {
  OneStepState state;
  Network copy = network;
  apply_recipe(images, options, *trainable(copy), labels, rng, epochs_done, state);
}

}  // namespace

TEST_CASE("a mixed batch is half as it was, half FGSM with an epsilon of each image's own") {
  const Scene scene;
  const float epsilon = 0.3F;
  Matrix batch = scene.images;
  Rng rng(1);
  apply_once(batch, {TrainingMethod::kMixedBatch, epsilon}, scene.network, scene.labels, rng, 0);
  CHECK(batch.topRows(5) == scene.images.topRows(5));
  std::vector<float> sizes;
  for (Eigen::Index i = 5; i < kExamples; ++i) {
    const float size = (batch.row(i) - scene.images.row(i)).cwiseAbs().maxCoeff();
    sizes.push_back(size);
    CHECK(size > 0);
    CHECK(size <= epsilon);
    FgsmOptions attack;
    attack.threat.epsilon = size;
    const Matrix expected = fgsm(NetworkClassifier(scene.network), scene.images.row(i),
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
    apply_once(batch, options, scene.network, scene.labels, rng, 0);
    CHECK(batch == scene.images);
  }
}

TEST_CASE("the smallest batches can be mixed") {
  const Scene scene;
  Rng rng(1);
  for (const Eigen::Index size : {1, 2}) {
    Matrix batch = scene.images.topRows(size);
    const Labels labels(scene.labels.begin(), scene.labels.begin() + size);
    apply_once(batch, {TrainingMethod::kMixedBatch, 0.3F}, scene.network, labels, rng, 0);
    CHECK(batch.row(0) == scene.images.row(0));
    CHECK((batch.bottomRows(1) == scene.images.row(0)) == (size == 1));
  }
}

TEST_CASE("a trainer learns what the recipe makes, against the weights of that moment") {
  const Scene scene;
  // One-step training remembers how many batches it has made: 60 pass its check.
  const auto [method, epochs] = GENERATE(table<TrainingMethod, int>(
      {{TrainingMethod::kMixedBatch, 2}, {TrainingMethod::kFgsmRandomStart, 20}}));
  CAPTURE(method_name(method));
  TrainingOptions options{epochs, 4, 1e-2F, Loss::kCrossEntropy, 9};
  Network plain = scene.network, defended = scene.network;
  Trainer plainly(trainable(plain), examples_of(scene.images, scene.labels), options);
  options.recipe.method = method;
  Trainer trainer(trainable(defended), examples_of(scene.images, scene.labels), options);
  const auto finish = [](Trainer& t) { t.run([](const TrainingProgress&) { return true; }); };
  finish(plainly);

  // Resumed at any step it comes to the same weights.
  std::vector<std::pair<Network, TrainerState>> stops;
  while (!trainer.finished()) {
    stops.emplace_back(defended, trainer.state());
    trainer.step();
  }
  CHECK(all_weights(defended) != all_weights(plain));
  for (auto& [network, state] : stops) {
    Trainer again(trainable(network), examples_of(scene.images, scene.labels), options);
    again.restore(state);
    finish(again);
    CHECK(all_weights(network) == all_weights(defended));
  }
}

TEST_CASE("adversarial batches lie within epsilon and in the range, and raise the loss") {
  const Scene scene;
  for (const TrainingMethod method : {TrainingMethod::kFgsmRandomStart, TrainingMethod::kPgd,
                                      TrainingMethod::kTrades, TrainingMethod::kInputNoise}) {
    CAPTURE(method_name(method));
    RecipeOptions options;
    options.method = method;
    options.epsilon = 0.05F;
    Matrix batch = scene.images;
    Rng rng(1);
    apply_once(batch, options, scene.network, scene.labels, rng, 0);
    const bool doubled = method == TrainingMethod::kTrades;
    REQUIRE(batch.rows() == (doubled ? 2 : 1) * kExamples);
    if (doubled) CHECK(batch.topRows(kExamples) == scene.images);
    const Matrix made = batch.bottomRows(kExamples);
    CHECK(made.minCoeff() >= 0);
    CHECK(made.maxCoeff() <= 1);
    CHECK((made - scene.images).cwiseAbs().maxCoeff() <= 0.05F * 1.0001F);
    CHECK((made - scene.images).cwiseAbs().maxCoeff() > 0.04F);
    // Warmth is a share of epsilon.
    options.warm_up = 4;
    batch = scene.images;
    apply_once(batch, options, scene.network, scene.labels, rng, 1);
    const float largest = (batch.bottomRows(kExamples) - scene.images).cwiseAbs().maxCoeff();
    CHECK(largest <= 0.0125F * 1.0001F);
    CHECK(largest > 0.01F);
  }
}

TEST_CASE("a share of PGD's batches is attacked along smoothed gradients") {
  const Scene scene;
  RecipeOptions options;
  options.method = TrainingMethod::kPgd;
  options.epsilon = 0.1F;
  options.steps = 2;
  const ThreatModel threat{Norm::kLinf, 0.1F, ValueRange{}};
  const NetworkClassifier model(scene.network);
  const AttackTask task{model, scene.images, scene.labels, threat, {}};
  const auto count = [&](float share) {
    int smooth = 0;
    options.smooth_share = share;
    Rng rng(1);
    for (int trial = 0; trial < 40; ++trial) {
      Matrix batch = scene.images;
      Rng same = rng;
      apply_once(batch, options, scene.network, scene.labels, rng, 0);
      if (share > 0) same.uniform();  // which kind it is
      PgdOptions attack;
      attack.steps = 2;
      attack.step_size = options.step_size / options.epsilon;
      attack.smooth = true;
      smooth += batch == pgd_iterates(task, attack, same);
    }
    return smooth;
  };
  CHECK(count(0) == 0);
  CHECK(count(1) == 40);
  CHECK(count(0.5F) > 10);
  CHECK(count(0.5F) < 30);
}

TEST_CASE("the step size of PGD and TRADES is in pixels, whatever epsilon is") {
  const Scene scene;
  CHECK(RecipeOptions{}.step_size == default_step_size(RecipeOptions{}.epsilon));
  for (const TrainingMethod method : {TrainingMethod::kPgd, TrainingMethod::kTrades}) {
    CAPTURE(method_name(method));
    RecipeOptions options;
    options.method = method;
    options.steps = 1;
    options.step_size = 0.01F;
    // One step from a start within epsilon: no pixel can have moved from it by more than the step,
    // and most have moved by all of it.
    const auto made = [&](float step_size) {
      options.step_size = step_size;
      Matrix batch = scene.images;
      Rng rng(1);
      apply_once(batch, options, scene.network, scene.labels, rng, 0);
      return Matrix(batch.bottomRows(kExamples));
    };
    for (const float epsilon : {0.1F, 0.4F}) {
      options.epsilon = epsilon;
      const Matrix moved = made(0.01F) - made(1e-9F);
      CHECK(moved.maxCoeff() <= 0.01F * 1.001F);
      CHECK(moved.maxCoeff() > 0.0099F);
    }
  }
}

TEST_CASE("every recipe's loss has the gradient that its differences show") {
  constexpr int kClasses = 5;
  for (const TrainingMethod method :
       {TrainingMethod::kPlain, TrainingMethod::kTrades, TrainingMethod::kLabelSmoothing}) {
    CAPTURE(method_name(method));
    RecipeOptions options;
    options.method = method;
    const int n = 3, rows = method == TrainingMethod::kTrades ? 2 * n : n;
    const Labels labels{0, 3, 4};
    std::vector<float> logits = RandomData(5).numbers(rows * kClasses, -2, 2);
    std::vector<float> losses(static_cast<std::size_t>(rows)), d(logits.size());
    const auto mean = [&](float* gradient) {
      recipe_loss(losses.data(), gradient, options, Loss::kCrossEntropy, 1.0F / n, logits.data(),
                  labels, rows, kClasses);
      double sum = 0;
      for (const float loss : losses) sum += static_cast<double>(loss);
      return sum / n;
    };
    mean(d.data());
    std::vector<float> unused(d.size());
    for (std::size_t k = 0; k < logits.size(); ++k) {
      const float at = logits[k], h = 1e-2F;
      logits[k] = at + h;
      const double up = mean(unused.data());
      logits[k] = at - h;
      const double down = mean(unused.data());
      logits[k] = at;
      CHECK((up - down) / (2 * static_cast<double>(h)) ==
            Approx(static_cast<double>(d[k])).margin(2e-3));
    }
  }
}

TEST_CASE("Gaussian noise has its deviation, and does not keep to valid pixels") {
  const Network network = random_network(mlp(24));
  const Matrix images = RandomData(1).images(100, 784);
  RecipeOptions options;
  options.method = TrainingMethod::kGaussianNoise;
  options.sigma = 0.25F;
  Rng rng(1);
  Matrix noisy = images;
  apply_once(noisy, options, network, RandomData(2).labels(100), rng, 0);
  double sum = 0, squares = 0, fourths = 0;
  for (Eigen::Index i = 0; i < noisy.size(); ++i) {
    const double x = double{noisy.data()[i]} - double{images.data()[i]};
    sum += x;
    squares += x * x;
    fourths += x * x * x * x;
  }
  // Within five standard errors; a normal's fourth moment is 3 sigma^4.
  const auto n = static_cast<double>(noisy.size());
  const double variance = 0.0625;
  CHECK(std::abs(sum / n) < 5 * std::sqrt(variance / n));
  CHECK(std::abs(squares / n - variance) < 5 * variance * std::sqrt(2 / n));
  CHECK(std::abs(fourths / n - 3 * variance * variance) <
        5 * variance * variance * std::sqrt(96 / n));
  CHECK(noisy.minCoeff() < -0.5F);
  CHECK(noisy.maxCoeff() > 1.5F);
}

TEST_CASE("the smoothed loss is the cross-entropy against smoothed labels") {
  RecipeOptions options;
  options.method = TrainingMethod::kLabelSmoothing;
  options.smoothing = 0.2F;
  const std::vector<float> logits{0, 1, -1, 2};
  float loss = 0;
  std::vector<float> d(4);
  recipe_loss(&loss, d.data(), options, Loss::kCrossEntropy, 1, logits.data(), {1}, 1, 4);
  const double total = std::log(1 + std::exp(1.0) + std::exp(-1.0) + std::exp(2.0));
  double expected = 0;
  for (std::size_t k = 0; k < 4; ++k) {
    expected -= (k == 1 ? 0.85 : 0.05) * (static_cast<double>(logits[k]) - total);
  }
  CHECK(static_cast<double>(loss) == Approx(expected));
}

TEST_CASE("the cosine schedule begins at the learning rate and ends at 0") {
  const Scene scene;
  TrainingOptions options{1, 1, 1e-2F, Loss::kCrossEntropy, 9};
  options.schedule = Schedule::kCosine;
  Network network = scene.network;
  Trainer trainer(trainable(network), examples_of(scene.images, scene.labels), options);
  // Adam's first step moves every weight with a gradient by the learning rate.
  const auto largest_change = [&] {
    const std::vector<float> before = all_weights(network);
    trainer.step();
    const std::vector<float> after = all_weights(network);
    float largest = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      largest = std::max(largest, std::abs(after[i] - before[i]));
    }
    return largest;
  };
  CHECK(largest_change() == Approx(1e-2).epsilon(1e-3));
  float last = 1;
  while (!trainer.finished()) last = largest_change();
  CHECK(last < 1e-3F);
}

TEST_CASE("methods are found by the names they have") {
  for (const NamedMethod& m : training_methods()) {
    CHECK(find_training_method(m.name) == m.method);
    CHECK(method_name(m.method) == std::string(m.name));
  }
  CHECK_FALSE(find_training_method("magic").has_value());
}
