#include "train/trainer.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "catch.h"
#include "networks.h"
#include "nn/adam.h"
#include "random_data.h"
#include "train/weight_average.h"

using namespace inoculate;

namespace {

constexpr int kExamples = 23;

/// A source of examples that notes what was asked of it.
struct Scene {
  Matrix images = RandomData(1).images(kExamples, Network(tiny_network()).input_size());
  Labels labels = RandomData(2).labels(kExamples);
  std::vector<std::vector<std::int32_t>> batches;

  ExampleSource source() {
    const ExampleSource plain = examples_of(images, labels);
    return {plain.size, [this, plain](std::span<const std::int32_t> indices, Matrix& out_images,
                                      Labels& out_labels) {
              batches.emplace_back(indices.begin(), indices.end());
              plain.gather(indices, out_images, out_labels);
            }};
  }
};

Network fresh() { return random_network(tiny_network()); }

void finish(Trainer& trainer) {
  trainer.run([](const TrainingProgress&) { return true; });
}

constexpr TrainingOptions kOptions{3, 5, 1e-2F, Loss::kCrossEntropy, 9};

}  // namespace

TEST_CASE("an epoch takes every example once, the last batch what is left") {
  struct {
    int batch_size;
    std::vector<std::size_t> sizes;
  } const cases[] = {{5, {5, 5, 5, 5, 3}}, {23, {23}}, {22, {22, 1}}, {100, {23}}};
  for (const auto& c : cases) {
    CAPTURE(c.batch_size);
    Scene scene;
    Network network = fresh();
    Trainer trainer(trainable(network), scene.source(), {2, c.batch_size});
    REQUIRE(trainer.steps_per_epoch() == static_cast<int>(c.sizes.size()));
    finish(trainer);
    REQUIRE(scene.batches.size() == 2 * c.sizes.size());
    std::vector<std::int32_t> epochs[2];
    for (std::size_t i = 0; i < scene.batches.size(); ++i) {
      CHECK(scene.batches[i].size() == c.sizes[i % c.sizes.size()]);
      auto& epoch = epochs[i / c.sizes.size()];
      epoch.insert(epoch.end(), scene.batches[i].begin(), scene.batches[i].end());
    }
    CHECK(epochs[0] != epochs[1]);
    for (auto& epoch : epochs) {
      std::vector<std::int32_t> all(kExamples);
      std::iota(all.begin(), all.end(), 0);
      CHECK(epoch != all);
      std::sort(epoch.begin(), epoch.end());
      CHECK(epoch == all);
    }
  }
}

TEST_CASE("the order is the seed's") {
  const auto batches = [](std::uint64_t seed) {
    Scene scene;
    Network network = fresh();
    Trainer trainer(trainable(network), scene.source(), {2, 5, 1e-3F, Loss::kCrossEntropy, seed});
    finish(trainer);
    return scene.batches;
  };
  CHECK(batches(1) == batches(1));
  CHECK(batches(1) != batches(2));
}

TEST_CASE("a step is a forward pass, a backward pass and one of Adam on the mean loss") {
  // The same with the parts themselves, without dropout.
  for (const Loss loss : {Loss::kCrossEntropy, Loss::kMeanSquaredError}) {
    Scene scene;
    Network network = random_network(tiny_network(0)), by_hand = network;
    Trainer trainer(trainable(network), scene.source(), {2, 9, 1e-2F, loss, 1});
    AdamState adam(by_hand.parameters().size());
    double loss_sum = 0;
    int correct = 0, seen = 0;
    while (!trainer.finished()) {
      const TrainingProgress progress = trainer.step();
      Matrix images;
      Labels labels;
      examples_of(scene.images, scene.labels).gather(scene.batches.back(), images, labels);
      const int n = static_cast<int>(labels.size());
      Cache cache;
      Rng rng(1);
      const float* logits = by_hand.forward_training(images.data(), n, rng, cache);
      std::vector<float> losses(labels.size()), d_logits(labels.size() * 10);
      loss_and_gradient(losses.data(), d_logits.data(), loss, 1.0F / static_cast<float>(n), logits,
                        labels.data(), n, 10);
      std::vector<float> gradients(by_hand.parameters().size());
      by_hand.backward(gradients, d_logits.data(), images.data(), cache);
      adam_step(by_hand.parameters(), gradients, adam, 1e-2F);

      loss_sum = std::accumulate(losses.begin(), losses.end(), loss_sum);
      for (int i = 0; i < n; ++i) {
        const float* row = logits + i * 10;
        correct += std::max_element(row, row + 10) - row == labels[static_cast<std::size_t>(i)];
      }
      seen += n;
      CHECK(progress.loss == Approx(loss_sum / seen));
      CHECK(progress.accuracy == Approx(static_cast<double>(correct) / seen));
      CHECK(all_weights(network) == all_weights(by_hand));
      if (progress.epoch_ended()) {
        CHECK(seen == kExamples);
        loss_sum = 0;
        correct = seen = 0;
      }
    }
  }
}

TEST_CASE("progress counts epochs and steps from one") {
  Scene scene;
  Network network = fresh();
  Trainer trainer(trainable(network), scene.source(), kOptions);
  int count = 0;
  trainer.run([&](const TrainingProgress& p) {
    CHECK(p.epoch == count / 5 + 1);
    CHECK(p.step == count % 5 + 1);
    CHECK(p.epochs == 3);
    CHECK(p.steps == 5);
    CHECK(p.epoch_ended() == (count % 5 == 4));
    CHECK((std::isfinite(p.loss) && p.loss > 0));
    CHECK((p.accuracy >= 0 && p.accuracy <= 1));
    ++count;
    return true;
  });
  CHECK(count == 15);
  CHECK(trainer.finished());
  trainer.run([&](const TrainingProgress&) { return ++count > 0; });
  CHECK(count == 15);
}

TEST_CASE("a run stops when its callback says so, and goes on") {
  Scene scene;
  Network network = fresh(), other = fresh();
  Trainer trainer(trainable(network), scene.source(), kOptions),
      uninterrupted(trainable(other), scene.source(), kOptions);
  int steps = 0;
  trainer.run([&](const TrainingProgress&) { return ++steps < 7; });
  CHECK(steps == 7);
  CHECK_FALSE(trainer.finished());
  finish(trainer);
  finish(uninterrupted);
  CHECK(all_weights(network) == all_weights(other));
}

TEST_CASE("no epochs are no steps") {
  Scene scene;
  Network network = fresh();
  Trainer trainer(trainable(network), scene.source(), {0, 5});
  CHECK(trainer.finished());
  finish(trainer);
  CHECK(all_weights(network) == all_weights(fresh()));
}

TEST_CASE("a run resumed at any step ends as the uninterrupted one, bit for bit") {
  Scene scene;
  Network whole = fresh();
  Trainer trainer(trainable(whole), scene.source(), kOptions);
  std::vector<TrainingProgress> progress;
  trainer.run([&](const TrainingProgress& p) {
    progress.push_back(p);
    return true;
  });
  const auto batches = scene.batches;

  for (std::size_t stop = 0; stop <= 15; ++stop) {
    CAPTURE(stop);
    scene.batches.clear();
    Network first = fresh();
    Trainer before(trainable(first), scene.source(), kOptions);
    for (std::size_t i = 0; i < stop; ++i) before.step();
    const TrainerState state = before.state();

    Network second = first;  // its weights as they are at the stop
    Trainer after(trainable(second), scene.source(), kOptions);
    after.restore(state);
    CHECK(after.finished() == (stop == 15));
    for (std::size_t i = stop; !after.finished(); ++i) {
      const TrainingProgress p = after.step();
      REQUIRE(i < progress.size());
      CHECK(p.epoch == progress[i].epoch);
      CHECK(p.step == progress[i].step);
      CHECK(p.loss == progress[i].loss);
      CHECK(p.accuracy == progress[i].accuracy);
    }
    CHECK(scene.batches == batches);
    CHECK(all_weights(second) == all_weights(whole));
    CHECK(after.state().adam.first_moment == trainer.state().adam.first_moment);
    CHECK(after.state().adam.second_moment == trainer.state().adam.second_moment);
    CHECK(after.state().adam.steps == 15);
    CHECK(after.state().order_at_epoch == trainer.state().order_at_epoch);
    CHECK(after.state().dropout == trainer.state().dropout);
  }
}

TEST_CASE("taking the state changes nothing") {
  Scene scene;
  Network network = fresh(), other = fresh();
  Trainer trainer(trainable(network), scene.source(), kOptions),
      plain(trainable(other), scene.source(), kOptions);
  while (!trainer.finished()) {
    trainer.state();
    trainer.step();
  }
  finish(plain);
  CHECK(all_weights(network) == all_weights(other));
}

TEST_CASE("examples of a data set are its bytes over 255") {
  Dataset dataset;
  dataset.shape = {2, 2, 1};
  dataset.pixels = {0, 51, 102, 153, 204, 255, 1, 2};
  dataset.labels = {3, 8};
  const ExampleSource source = examples_of(dataset);
  REQUIRE(source.size == 2);
  Matrix images;
  Labels labels;
  source.gather(std::vector<std::int32_t>{1, 0, 1}, images, labels);
  Matrix expected(3, 4);
  expected << 0.8F, 1, 1 / 255.0F, 2 / 255.0F, 0, 0.2F, 0.4F, 0.6F, 0.8F, 1, 1 / 255.0F, 2 / 255.0F;
  CHECK((images - expected).cwiseAbs().maxCoeff() < 1e-7F);
  CHECK(labels == Labels{8, 3, 8});
}
