#include "nn/moving_statistics.h"

#include <cmath>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "networks.h"
#include "train/trainer.h"
#include "train/weight_average.h"

using namespace inoculate;

namespace {

constexpr int kExamples = 23;

struct Scene {
  Network network{tiny_network()};
  Matrix images = RandomData(1).images(kExamples, network.input_size());
  Labels labels = RandomData(2).labels(kExamples);

  Scene() {
    Rng rng(1);
    network.initialize(rng);
  }
  ExampleSource source() const { return examples_of(images, labels); }
};

// What the moving averages are without their start, by the definition: the mean of the batches'
// statistics, each weighted by momentum to the power of its age. They are told from a run's raw
// averages, since raw = momentum * raw before + (1 - momentum) * batch.
struct Definition {
  explicit Definition(const Network& network)
      : raw(network.statistics().begin(), network.statistics().end()),
        weighted(raw.size()),
        weight(0) {}

  void see(const Network& network) {
    constexpr double kMomentum = 0.99;
    weight = kMomentum * weight + 1;
    for (std::size_t i = 0; i < raw.size(); ++i) {
      const double now = static_cast<double>(network.statistics()[i]);
      const double batch = (now - kMomentum * raw[i]) / (1 - kMomentum);
      weighted[i] = kMomentum * weighted[i] + batch;
      raw[i] = now;
    }
  }
  double operator[](std::size_t i) const { return weighted[i] / weight; }

  std::vector<double> raw, weighted;
  double weight;
};

}  // namespace

TEST_CASE("first statistics are known as such until a batch has gone into them") {
  Scene scene;
  CHECK(has_first_statistics(scene.network));
  CHECK_FALSE(has_first_statistics(random_network(tiny_network())));
  Trainer trainer(trainable(scene.network), scene.source(), {1, 5});
  CHECK(all_weights(*trainer.trained()) == all_weights(scene.network));
  trainer.step();
  CHECK_FALSE(has_first_statistics(scene.network));
}

TEST_CASE("a trained network has the averages of its batches, without what they began with") {
  Scene scene;
  Trainer trainer(trainable(scene.network), scene.source(), {20, 5});
  Definition expected(scene.network);
  while (!trainer.finished()) {
    trainer.step();
    expected.see(scene.network);
    const std::unique_ptr<Trainable> trained = trainer.trained();
    for (std::size_t i = 0; i < trained->statistics().size(); ++i) {
      // The raw averages hold some 7 digits, of which a young one shows a hundredth.
      CHECK(trained->statistics()[i] == Approx(expected[i]).epsilon(2e-4).margin(2e-5));
    }
  }
}

TEST_CASE("a trained network's own averages are no start to be removed") {
  Scene scene;
  scene.network = random_network(tiny_network());
  Trainer trainer(trainable(scene.network), scene.source(), {1, 5});
  trainer.step();
  CHECK(all_weights(*trainer.trained()) == all_weights(scene.network));
}

TEST_CASE("after many steps the averages are Keras's, to the last bit") {
  Network network = random_network(tiny_network());
  const std::vector<float> before = all_weights(network);
  remove_first_statistics(network, std::pow(0.99, 18'760));
  CHECK(all_weights(network) == before);
}

TEST_CASE("averaged weights lose the start of their statistics too") {
  Scene scene;
  Network plain = scene.network;
  Trainer plainly(trainable(plain), scene.source(), {1, 5});
  TrainingOptions options{1, 5};
  options.average = 0.9F;
  Trainer trainer(trainable(scene.network), scene.source(), options);
  // Of the first averages a share is start; the rest is a mean of what the batches brought.
  double share = 1, share_of_average = 1;
  std::vector<double> average(scene.network.statistics().begin(), scene.network.statistics().end());
  const std::vector<double> start = average;
  for (double step = 1; !trainer.finished(); ++step) {
    trainer.step();
    plainly.step();
    share *= 0.99;
    const double keep = std::min(0.9, step / (9 + step));
    share_of_average = keep * share_of_average + (1 - keep) * share;
    for (std::size_t i = 0; i < average.size(); ++i) {
      average[i] = keep * average[i] + (1 - keep) * static_cast<double>(plain.statistics()[i]);
    }
    const std::unique_ptr<Trainable> trained = trainer.trained();
    for (std::size_t i = 0; i < average.size(); ++i) {
      const double rest = (average[i] - share_of_average * start[i]) / (1 - share_of_average);
      CHECK(trained->statistics()[i] == Approx(rest).epsilon(2e-4).margin(2e-5));
    }
  }
}

TEST_CASE("batches of one image are refused where normalisation would leave nothing of it") {
  CHECK(least_batch(Network(simple_cnn())) == 2);
  CHECK(least_batch(Network(mlp())) == 1);
  CHECK(least_batch(Network(logistic_regression())) == 1);
  Scene scene;
  CHECK_THROWS_AS(Trainer(trainable(scene.network), scene.source(), {1, 1}), Error);
  const Matrix one = scene.images.topRows(1);
  CHECK_THROWS_AS(Trainer(trainable(scene.network), examples_of(one, {scene.labels[0]}), {1, 5}),
                  Error);
}
