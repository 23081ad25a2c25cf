// Whole networks learn, and the same way on any number of threads.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "catch.h"
#include "networks.h"
#include "random_data.h"
#include "threads.h"
#include "train/trainer.h"

using namespace inoculate;

namespace {

struct Memory {
  Matrix images = RandomData(1).images(32, 784);
  Labels labels = RandomData(2).labels(32);
};

Network fresh(const Architecture& architecture) {
  Network network(architecture);
  Rng rng(1);
  network.initialize(rng);
  return network;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

}  // namespace

TEST_CASE("32 random images with random labels are learnt by heart") {
  struct {
    Architecture architecture;
    Loss loss;
    int steps;
    float learning_rate;
    double first_loss, last_loss;
  } const cases[] = {{simple_cnn(), Loss::kCrossEntropy, 30, 3e-3F, 2, 0.1},
                     {simple_cnn(), Loss::kMeanSquaredError, 30, 3e-3F, 0.08, 0.005},
                     {mlp(), Loss::kCrossEntropy, 60, 3e-3F, 2, 0.1},
                     {logistic_regression(), Loss::kCrossEntropy, 120, 1e-2F, 2, 0.1}};
  const Memory memory;
  for (const auto& c : cases) {
    CAPTURE(c.architecture.name, static_cast<int>(c.loss));
    Network network = fresh(c.architecture);
    Trainer trainer(trainable(network), examples_of(memory.images, memory.labels),
                    {c.steps, 32, c.learning_rate, c.loss, 1});
    TrainingProgress first, last;
    trainer.run([&](const TrainingProgress& progress) {
      if (progress.epoch == 1) first = progress;
      last = progress;
      return true;
    });
    CAPTURE(last.loss);
    CHECK(first.loss > c.first_loss);
    CHECK(last.loss < c.last_loss);
    CHECK(last.accuracy > 0.96);
  }
}

TEST_CASE("training gives the same bits on any number of threads") {
  const Matrix images = RandomData(3).images(90, 784);
  const Labels labels = RandomData(4).labels(90);
  for (const auto& architecture : {simple_cnn(), mlp(), logistic_regression()}) {
    CAPTURE(architecture.name);
    const auto train = [&](int threads) {
      const WithThreads scope(threads);
      Network network = fresh(architecture);
      Trainer trainer(trainable(network), examples_of(images, labels), {1, 37});
      trainer.run([](const TrainingProgress&) { return true; });
      return network;
    };
    const Network one = train(1);
    CHECK_FALSE(same_bits(one.parameters(), fresh(architecture).parameters()));
    for (const int threads : {2, 3}) {
      const Network more = train(threads);
      CHECK(same_bits(more.parameters(), one.parameters()));
      CHECK(same_bits(more.statistics(), one.statistics()));
    }
  }
}
