#include "nn/network.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "networks.h"
#include "random_data.h"
#include "reference_network.h"

using namespace inoculate;
using reference::doubles;

namespace {

struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  bool operator==(const Tensor&) const = default;
};

std::vector<Tensor> tensors_of(const Network& network) {
  std::vector<Tensor> tensors;
  for (const TensorInfo& info : network.tensors()) tensors.push_back({info.name, info.shape});
  return tensors;
}

std::vector<Tensor> batch_norm(const std::string& name, std::int64_t c) {
  return {{name + "/gamma", {c}},
          {name + "/beta", {c}},
          {name + "/moving_mean", {c}},
          {name + "/moving_variance", {c}}};
}

}  // namespace

TEST_CASE("the SimpleCNN has the tensors of a weights file, in their order") {
  std::vector<Tensor> expected;
  const auto add = [&](const std::vector<Tensor>& more) {
    expected.insert(expected.end(), more.begin(), more.end());
  };
  add({{"conv1/kernel", {3, 3, 1, 32}}, {"conv1/bias", {32}}});
  add(batch_norm("bn1", 32));
  add({{"conv2/kernel", {3, 3, 32, 64}}, {"conv2/bias", {64}}});
  add(batch_norm("bn2", 64));
  add({{"dense1/kernel", {3136, 128}}, {"dense1/bias", {128}}});
  add(batch_norm("bn3", 128));
  add({{"dense2/kernel", {128, 10}}, {"dense2/bias", {10}}});
  for (const float dropout : {0.0F, 0.5F}) {
    const Network network(simple_cnn(dropout));
    CHECK(tensors_of(network) == expected);
    CHECK(network.input_size() == 784);
    CHECK(network.classes() == 10);
  }
}

TEST_CASE("the number of parameters is Keras's") {
  // As model.summary() of the tutorial's network shows them: trainable, and not.
  const Network cnn(simple_cnn());
  CHECK(cnn.parameters().size() == 422'090);
  CHECK(cnn.statistics().size() == 448);
  CHECK(Network(mlp(200)).parameters().size() == 784 * 200 + 200 + 200 * 10 + 10);
  CHECK(Network(logistic_regression()).parameters().size() == 7850);
}

TEST_CASE("architectures are found by their names") {
  for (const std::string& name : architecture_names()) {
    CAPTURE(name);
    REQUIRE(find_architecture(name).has_value());
    CHECK(find_architecture(name)->name == name);
  }
  CHECK_FALSE(find_architecture("resnet").has_value());
  CHECK_FALSE(find_architecture("").has_value());
}

TEST_CASE("tensors lie side by side and fill the parameters and the statistics") {
  for (const auto& architecture : {simple_cnn(), mlp(), logistic_regression(), tiny_network()}) {
    const Network network(architecture);
    std::size_t parameters = 0, statistics = 0;
    for (const TensorInfo& tensor : network.tensors()) {
      std::size_t& end = tensor.trained ? parameters : statistics;
      std::size_t size = 1;
      for (const auto extent : tensor.shape) size *= static_cast<std::size_t>(extent);
      CHECK(tensor.offset == end);
      CHECK(tensor.size == size);
      CHECK(tensor.trained == (tensor.name.find("/moving_") == std::string::npos));
      end += size;
    }
    CHECK(parameters == network.parameters().size());
    CHECK(statistics == network.statistics().size());
  }
}

TEST_CASE("initial weights are Keras's: Glorot-uniform kernels, zeros and ones") {
  // Whatever was there before.
  Network network = random_network(simple_cnn());
  Rng rng(1);
  network.initialize(rng);
  struct {
    const char* name;
    int fan_in, fan_out;
  } const fans[] = {{"conv1/kernel", 9, 288},
                    {"conv2/kernel", 288, 576},
                    {"dense1/kernel", 3136, 128},
                    {"dense2/kernel", 128, 10}};
  for (const TensorInfo& tensor : network.tensors()) {
    CAPTURE(tensor.name);
    const auto arena = tensor.trained ? network.parameters() : network.statistics();
    const auto values = arena.subspan(tensor.offset, tensor.size);
    const auto* fan = std::find_if(std::begin(fans), std::end(fans),
                                   [&](const auto& f) { return f.name == tensor.name; });
    if (fan == std::end(fans)) {
      const bool ones =
          tensor.name.ends_with("/gamma") || tensor.name.ends_with("/moving_variance");
      CHECK(std::all_of(values.begin(), values.end(),
                        [&](float v) { return v == (ones ? 1.0F : 0.0F); }));
      continue;
    }
    const double limit = std::sqrt(6.0 / (fan->fan_in + fan->fan_out));
    const double n = static_cast<double>(values.size());
    double sum = 0, squares = 0;
    for (const double v : values) {
      sum += v;
      squares += v * v;
    }
    CHECK(largest_magnitude(values) <= limit * (1 + 1e-6));
    CHECK(largest_magnitude(values) > 0.97 * limit);
    // Mean 0 and mean square limit^2 / 3, within 5 standard errors.
    CHECK(std::abs(sum / n) < 5 * limit / std::sqrt(3 * n));
    CHECK(std::abs(squares / n - limit * limit / 3) < 5 * limit * limit * std::sqrt(4.0 / 45 / n));
  }
}

TEST_CASE("the same seed gives the same initial weights, another seed others") {
  const auto initial = [](std::uint64_t seed) {
    Network network(tiny_network());
    Rng rng(seed);
    network.initialize(rng);
    return std::vector<float>(network.parameters().begin(), network.parameters().end());
  };
  CHECK(initial(1) == initial(1));
  CHECK(initial(1) != initial(2));
}

TEST_CASE("the training pass equals the double reference, and moves the statistics") {
  RandomData random(3);
  for (const auto& architecture : {simple_cnn(0), tiny_network(0)}) {
    CAPTURE(architecture.name);
    Network network = random_network(architecture);
    const reference::ReferenceNetwork reference(network);
    const std::vector<float> before(network.statistics().begin(), network.statistics().end());
    constexpr int kImages = 5;
    const auto images = random.numbers(kImages * network.input_size(), 0, 1);
    Cache cache;
    Rng rng(1);
    const float* logits = network.forward_training(images.data(), kImages, rng, cache);
    const std::vector<float> actual(logits, logits + kImages * network.classes());
    const auto expected = reference.run(doubles(images), kImages, true);
    CHECK(relative_difference(actual, expected.logits) < 1e-5);
    for (const TensorInfo& tensor : network.tensors()) {
      if (tensor.trained) continue;
      CAPTURE(tensor.name);
      const auto slash = tensor.name.find('/');
      const auto& moments = expected.batch.at(tensor.name.substr(0, slash));
      const auto& batch = tensor.name.ends_with("mean") ? moments.mean : moments.variance;
      reference::Values moved;
      for (std::size_t i = 0; i < tensor.size; ++i) {
        moved.push_back(0.99 * before[tensor.offset + i] + 0.01 * batch[i]);
      }
      CHECK(relative_difference(network.statistics().subspan(tensor.offset, tensor.size), moved) <
            2e-6);
    }
  }
}
