// A whole network's gradients against numerical derivatives of its double-precision reference.
#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "networks.h"
#include "nn/loss.h"
#include "random_data.h"
#include "reference_network.h"

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
  std::vector<float> logits, d_images, d_parameters;
  ReferenceNetwork reference;
  ReferenceNetwork::Pass base;

  Trial(const Architecture& architecture, int batch, Loss which)
      : network(random_network(architecture)), n(batch), loss(which), reference(network) {
    const int classes = network.classes();
    for (unsigned seed = 1; base.active.empty() || active() != base.active; ++seed) {
      if (seed > 30) throw std::runtime_error("no batch is rectified as the reference does it");
      RandomData random(seed);
      // Images unlike one another: equal ones have no variance, and single precision nothing to
      // normalise.
      images = random.drawings(n + 1, network.architecture().input);
      images.erase(images.begin(), images.begin() + network.input_size());  // the blank one
      for (float& pixel : images) pixel = std::abs(pixel) * random.number(0.5F, 1);
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
    d_images.resize(images.size());
    d_parameters.resize(network.parameters().size());
    network.backward(d_images.data(), d_parameters, d_logits.data(), images.data(), cache);
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

  /// Of every rectified value in turn: was it above 0 in the pass that filled the cache?
  std::vector<bool> active() const {
    std::vector<bool> result;
    const auto& layers = network.architecture().layers;
    Shape shape = network.architecture().input;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (const auto* conv = std::get_if<ConvSpec>(&layers[i])) {
        shape = conv2d_same(shape, conv->filters, conv->kernel, conv->stride).out;
      } else if (const auto* dense = std::get_if<DenseSpec>(&layers[i])) {
        shape = {1, 1, dense->units};
      } else if (std::holds_alternative<ReluSpec>(layers[i])) {
        // A rectifier works on the memory of the layer before it.
        FloatBuffer outputs = cache.outputs[i - 1];
        if (const SharedRows* rows = network.rows_of(i, cache)) {
          outputs.resize(static_cast<std::size_t>(n * shape.size()));
          spread_rows(outputs.data(), cache.outputs[i - 1].data(), *rows, shape.c);
        }
        for (int j = 0; j < n * shape.size(); ++j) {
          result.push_back(outputs[static_cast<std::size_t>(j)] > 0);
        }
      }
    }
    return result;
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

  double pixel_slope(std::size_t pixel) const {
    return slope([&](double h) {
      Values moved = doubles(images);
      moved[pixel] += h;
      return reference.run(moved, n, true);
    });
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

/// Calls check(Trial) with dropout, for both losses.
template <class Check>
void for_each_loss(const std::function<Architecture(float)>& architecture, int n, Check&& check) {
  for (const Loss loss : {Loss::kCrossEntropy, Loss::kMeanSquaredError}) {
    CAPTURE(static_cast<int>(loss));
    check(Trial(architecture(0.5F), n, loss));
  }
}

// As a part of the largest value. Normalising by the statistics of a small batch makes more of the
// rounding.
constexpr double kTolerance = 1e-4;

}  // namespace

TEST_CASE("every gradient of a small network is the numerical derivative") {
  for_each_loss(tiny_network, 8, [](const Trial& t) {
    Values slopes;
    for (std::size_t i = 0; i < t.images.size(); ++i) slopes.push_back(t.pixel_slope(i));
    CHECK(relative_difference(t.d_images, slopes) < kTolerance);
    const double largest = largest_magnitude(t.d_parameters);
    for (const TensorInfo& tensor : t.network.tensors()) {
      if (!tensor.trained) continue;
      CAPTURE(tensor.name);
      const std::span<const float> actual(t.d_parameters.data() + tensor.offset, tensor.size);
      slopes.clear();
      for (std::size_t i = 0; i < tensor.size; ++i) {
        slopes.push_back(t.tensor_slope(tensor.name, one_hot(tensor.size, i)));
      }
      // A bias right before a normalisation has no gradient but rounding.
      const double scale = std::max(largest_magnitude(slopes), 0.01 * largest);
      CHECK(largest_difference(actual, slopes) < kTolerance * scale);
    }
  });
}

TEST_CASE("gradients of the SimpleCNN are the numerical derivatives") {
  for_each_loss(simple_cnn, 5, [](const Trial& t) {
    RandomData random(7);
    const double largest_pixel = largest_magnitude(t.d_images);
    for (int i = 0; i < 5; ++i) {
      const auto pixel = static_cast<std::size_t>(random.below(static_cast<int>(t.images.size())));
      CAPTURE(pixel);
      CHECK(std::abs(t.d_images[pixel] - t.pixel_slope(pixel)) < kTolerance * largest_pixel);
    }
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

TEST_CASE("a network's gradients come out the same whether one kind is wanted or both") {
  Trial t(simple_cnn(), 5, Loss::kCrossEntropy);
  std::vector<float> d_logits(t.logits.size());
  loss_and_gradient(nullptr, d_logits.data(), t.loss, 1.0F / 5, t.logits.data(), t.labels.data(), 5,
                    10);
  std::vector<float> d_images(t.images.size(), 99), d_parameters(t.d_parameters.size(), 99);
  t.network.backward(nullptr, d_parameters, d_logits.data(), t.images.data(), t.cache);
  CHECK(d_parameters == t.d_parameters);
  t.network.backward(d_images.data(), {}, d_logits.data(), t.images.data(), t.cache);
  CHECK(d_images == t.d_images);
}
