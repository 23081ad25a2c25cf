#include "train/weight_average.h"

#include <algorithm>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "networks.h"
#include "random_data.h"
#include "train/trainer.h"

using namespace inoculate;

namespace {

constexpr int kExamples = 23;

struct Scene {
  Network network = random_network(tiny_network());
  Matrix images = RandomData(1).images(kExamples, network.input_size());
  Labels labels = RandomData(2).labels(kExamples);
  TrainingOptions options{3, 5, 1e-2F, Loss::kCrossEntropy, 9};
};

void finish(Trainer& trainer) {
  trainer.run([](const TrainingProgress&) { return true; });
}

}  // namespace

TEST_CASE("all weights are parameters and statistics, and go back where they were") {
  const Scene scene;
  const std::vector<float> weights = all_weights(scene.network);
  CHECK(weights.size() == scene.network.parameters().size() + scene.network.statistics().size());
  Network other = random_network(tiny_network(), 2);
  REQUIRE(all_weights(other) != weights);
  set_all_weights(*trainable(other), weights);
  CHECK(std::equal(other.parameters().begin(), other.parameters().end(),
                   scene.network.parameters().begin()));
  CHECK(std::equal(other.statistics().begin(), other.statistics().end(),
                   scene.network.statistics().begin()));
}

TEST_CASE("training leaves the average of the weights of its steps, and goes on as without") {
  Scene scene;
  const double decay = 0.6;
  Network plain = scene.network, averaged = scene.network;
  Trainer plainly(trainable(plain), examples_of(scene.images, scene.labels), scene.options);
  scene.options.average = 0.6F;
  Trainer trainer(trainable(averaged), examples_of(scene.images, scene.labels), scene.options);

  const std::vector<float> first = all_weights(scene.network);
  std::vector<double> expected(first.begin(), first.end());
  for (double step = 1; !plainly.finished(); ++step) {
    plainly.step();
    trainer.step();
    const std::vector<float> now = all_weights(plain);
    const double keep = std::min(decay, step / (9 + step));  // a tenth at first
    for (std::size_t i = 0; i < now.size(); ++i) {
      expected[i] = keep * expected[i] + (1 - keep) * static_cast<double>(now[i]);
    }
  }
  CHECK(all_weights(averaged) == all_weights(plain));
  CHECK(largest_difference(all_weights(*trainer.trained()), expected) < 1e-5);
  CHECK(largest_difference(all_weights(plain), expected) > 1e-3);
  CHECK(all_weights(*plainly.trained()) == all_weights(plain));
}

TEST_CASE("an averaged run resumed at any step ends as if it had never stopped") {
  Scene scene;
  scene.options.average = 0.9F;
  Trainer trainer(trainable(scene.network), examples_of(scene.images, scene.labels), scene.options);
  std::vector<std::pair<Network, TrainerState>> stops;
  while (!trainer.finished()) {
    stops.emplace_back(scene.network, trainer.state());
    trainer.step();
  }
  for (auto& [network, state] : stops) {
    Trainer again(trainable(network), examples_of(scene.images, scene.labels), scene.options);
    again.restore(state);
    finish(again);
    CHECK(all_weights(*again.trained()) == all_weights(*trainer.trained()));
  }
}

TEST_CASE("the average of weights that stay is those weights") {
  const Scene scene;
  Network network = scene.network;
  std::vector<float> average = all_weights(network);
  for (int step = 1; step < 20; ++step) update_average(average, *trainable(network), 0.9F, step);
  CHECK(average == all_weights(network));
}
