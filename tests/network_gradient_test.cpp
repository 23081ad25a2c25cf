// A whole network's gradients against numerical derivatives of its double-precision reference.
#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "networks.h"
#include "nn/loss.h"
#include "random_data.h"
#include "reference_network.h"
#include "threads.h"

using namespace inoculate;
using reference::doubles;
using reference::ReferenceNetwork;
using reference::Values;

namespace {

/// A batch whose mean loss is derived, at a point where single and double precision see every
/// rectified value on the same side of its kink.
struct Trial {
  Network network;
  int n;
  Loss loss;
  std::vector<float> images;
  Labels labels;
  Cache cache;
  std::vector<float> logits, d_parameters;
  ReferenceNetwork reference;
  ReferenceNetwork::Pass base;

  /// On drawings with blank ground, or on images that fill their frame.
  Trial(const Architecture& architecture, int batch, Loss which, bool filled)
      : network(random_network(architecture)), n(batch), loss(which), reference(network) {
    const int classes = network.classes();
    for (unsigned seed = 1; base.active.empty() || base.nearest_kink < 1e-6; ++seed) {
      if (seed > 100) throw std::runtime_error("every batch has a value too near its kink");
      RandomData random(seed);
      if (filled) {
        images = random.numbers(n * network.input_size(), 0.1F, 1);
      } else {
        // Images unlike one another: equal ones have no variance, and single precision nothing to
        // normalise.
        images = random.drawings(n + 1, network.architecture().input);
        images.erase(images.begin(), images.begin() + network.input_size());  // the blank one
        for (float& pixel : images) pixel = std::abs(pixel) * random.number(0.5F, 1);
      }
      labels = random.labels(n, classes);
      Rng rng(seed);
      Network scratch = network;  // a pass in training moves the statistics
      const float* result = scratch.forward_training(images.data(), n, rng, cache);
      logits.assign(result, result + n * classes);
      reference.dropout_factors = drawn_factors();
      base = reference.run(doubles(images), n, true);
    }
    std::vector<float> d_logits(logits.size());
    loss_and_gradient(nullptr, d_logits.data(), loss, 1.0F / static_cast<float>(n), logits.data(),
                      labels.data(), n, classes);
    d_parameters.assign(network.parameters().size(), 99);
    network.backward(d_parameters, d_logits.data(), images.data(), cache);
  }

  Values drawn_factors() const {
    const auto& layers = network.architecture().layers;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (!std::holds_alternative<DropoutSpec>(layers[i])) continue;
      const FloatBuffer& factors = cache.saved[i];
      return Values(factors.begin(), factors.end());
    }
    return {};
  }

  double loss_of(const ReferenceNetwork::Pass& pass) const {
    return reference::mean(reference::losses(loss, pass.logits, labels, network.classes()));
  }

  /// The slope of the loss as `move(h)` goes from 0 to h, within one linear piece of the
  /// rectifiers.
  double slope(const std::function<ReferenceNetwork::Pass(double)>& move) const {
    for (const double h : {1e-6, 1e-7, 1e-8}) {
      const auto above = move(h), below = move(-h);
      if (above.active != base.active || below.active != base.active) continue;
      return (loss_of(above) - loss_of(below)) / (2 * h);
    }
    throw std::runtime_error("a rectified value is too near its kink");
  }

  /// Along `direction` from the values of a tensor.
  double tensor_slope(const std::string& name, const Values& direction) const {
    return slope([&](double h) {
      ReferenceNetwork moved = reference;
      Values& tensor = moved.tensors.at(name);
      for (std::size_t i = 0; i < tensor.size(); ++i) tensor[i] += h * direction[i];
      return moved.run(doubles(images), n, true);
    });
  }
};

Values one_hot(std::size_t size, std::size_t i) {
  Values v(size);
  v[i] = 1;
  return v;
}

/// Calls check(Trial) for both losses and both kinds of images.
template <class Check>
void for_each_trial(const Architecture& architecture, int n, Check&& check) {
  for (const Loss loss : {Loss::kCrossEntropy, Loss::kMeanSquaredError}) {
    for (const bool filled : {false, true}) {
      CAPTURE(architecture.name, static_cast<int>(loss), filled);
      check(Trial(architecture, n, loss, filled));
    }
  }
}

/// Networks that begin with two and three convolutions and rectifiers, with normalisations and
/// without, of channels in and beside whole vectors.
std::vector<Architecture> fronts() {
  const ReluSpec relu;
  const auto bn = [](const char* name) { return BatchNormSpec{name}; };
  return {
      {"two",
       {8, 7, 1},
       {ConvSpec{"a", 18, 3, 2}, relu, bn("b"), ConvSpec{"c", 7, 3, 2}, relu, bn("d"),
        DenseSpec{"e", 9}, relu, bn("f"), DenseSpec{"g", 4}}},
      {"two without normalisation",
       {7, 7, 1},
       {ConvSpec{"a", 4, 2, 1}, relu, ConvSpec{"c", 16, 1, 2}, relu, DenseSpec{"e", 4}}},
      {"three",
       {9, 10, 1},
       {ConvSpec{"a", 3, 3, 1}, relu, bn("b"), ConvSpec{"c", 4, 5, 3}, relu, bn("d"),
        ConvSpec{"e", 5, 2, 1}, relu, bn("f"), DenseSpec{"g", 4}}},
  };
}

// As a part of the largest value. Normalising by the statistics of a small batch makes more of the
// rounding.
constexpr double kTolerance = 1e-4;

}  // namespace

TEST_CASE("every gradient of a small network is the numerical derivative") {
  auto architectures = fronts();
  architectures.push_back(tiny_network());
  for (const Architecture& architecture : architectures) {
    for_each_trial(architecture, 8, [](const Trial& t) {
      const double largest = largest_magnitude(t.d_parameters);
      for (const TensorInfo& tensor : t.network.tensors()) {
        if (!tensor.trained) continue;
        CAPTURE(tensor.name);
        const std::span<const float> actual(t.d_parameters.data() + tensor.offset, tensor.size);
        Values slopes;
        for (std::size_t i = 0; i < tensor.size; ++i) {
          slopes.push_back(t.tensor_slope(tensor.name, one_hot(tensor.size, i)));
        }
        // A bias right before a normalisation has no gradient but rounding.
        const double scale = std::max(largest_magnitude(slopes), 0.01 * largest);
        CHECK(largest_difference(actual, slopes) < kTolerance * scale);
      }
    });
  }
}

TEST_CASE("gradients of the SimpleCNN are the numerical derivatives") {
  for_each_trial(simple_cnn(0.5F), 5, [](const Trial& t) {
    RandomData random(7);
    for (const TensorInfo& tensor : t.network.tensors()) {
      if (!tensor.trained) continue;
      CAPTURE(tensor.name);
      const std::span<const float> gradient(t.d_parameters.data() + tensor.offset, tensor.size);
      // The largest one, and all of the tensor at once along random signs.
      const auto peak = std::max_element(gradient.begin(), gradient.end(), [](float a, float b) {
        return std::abs(a) < std::abs(b);
      });
      const auto index = static_cast<std::size_t>(peak - gradient.begin());
      CHECK(std::abs(*peak - t.tensor_slope(tensor.name, one_hot(tensor.size, index))) <
            kTolerance * std::abs(*peak));
      Values signs(tensor.size);
      for (double& sign : signs) sign = random.below(2) == 0 ? -1 : 1;
      const double norm = std::sqrt(reference::dot(doubles(gradient), doubles(gradient)));
      CHECK(std::abs(reference::dot(doubles(gradient), signs) -
                     t.tensor_slope(tensor.name, signs)) < kTolerance * norm);
    }
  });
}

TEST_CASE("networks that begin with rectified convolutions do them together in training") {
  for (const Architecture& architecture : fronts()) {
    CAPTURE(architecture.name);
    CHECK(Network(architecture).front().has_value());
  }
  CHECK_FALSE(Network(tiny_network()).front().has_value());
}

TEST_CASE("a training pass has the same bits on any number of threads") {
  for (const bool filled : {false, true}) {
    const auto run = [&](int threads) {
      const WithThreads scope(threads);
      const Trial t(simple_cnn(), 21, Loss::kCrossEntropy, filled);
      return std::pair{t.logits, t.d_parameters};
    };
    CAPTURE(filled);
    const auto one = run(1);
    for (const int threads : {2, 3, 5}) CHECK(run(threads) == one);
  }
}
