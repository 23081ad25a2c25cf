// A frozen network against the double-precision reference, and its gradients against numerical
// derivatives of that.
#include "nn/frozen_network.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "networks.h"
#include "nn/fast/seen.h"
#include "random_data.h"
#include "reference_network.h"

using namespace inoculate;
using reference::doubles;
using reference::ReferenceNetwork;
using reference::Values;

namespace {

/// Kernels, strides and paddings of all kinds; one, two and three convolutions, and none;
/// rectifiers before and after normalisation, and none.
std::vector<Architecture> architectures() {
  const auto bn = [](const char* name) { return BatchNormSpec{name}; };
  const ReluSpec relu;
  const DenseSpec logits{"z", 4};
  return {
      tiny_network(),
      {"two strided",
       {9, 8, 1},
       {ConvSpec{"a", 5, 3, 2}, relu, bn("b"), ConvSpec{"c", 6, 3, 2}, relu, bn("d"),
        DenseSpec{"e", 7}, relu, bn("f"), logits}},
      {"three",
       {12, 11, 1},
       {ConvSpec{"a", 3, 3, 2}, relu, bn("b"), ConvSpec{"c", 4, 3, 1}, bn("d"), relu,
        ConvSpec{"e", 5, 2, 2}, relu, logits}},
      {"one", {6, 5, 3}, {ConvSpec{"a", 5, 5, 3}, relu, logits}},
      {"windows with gaps",
       {10, 9, 1},
       {ConvSpec{"a", 4, 2, 3}, relu, ConvSpec{"b", 17, 1, 2}, relu, bn("c"), logits}},
      {"a wide second stride",
       {11, 12, 2},
       {ConvSpec{"a", 18, 3, 1}, relu, bn("b"), ConvSpec{"c", 3, 5, 3}, relu, logits}},
      {"linear", {7, 7, 1}, {ConvSpec{"a", 3, 3, 2}, bn("b"), ConvSpec{"c", 2, 3, 2}, logits}},
      {"dense", {5, 5, 1}, {DenseSpec{"a", 6}, relu, bn("b"), logits}},
  };
}

/// A network whose first convolution's rectifier is live in some channels on blank ground.
struct Trial {
  Network network;
  ReferenceNetwork reference;
  int n;
  std::vector<float> images;
  std::vector<float> d_logits;

  // Images such that no rectified value is so near its kink that rounding could decide.
  Trial(const Architecture& architecture, int batch, unsigned first_seed, float bias_moved = 0)
      : network(moved(random_network(architecture, 3), bias_moved)), reference(network), n(batch) {
    for (unsigned seed = first_seed;; ++seed) {
      REQUIRE(seed < first_seed + 100);
      RandomData random(seed);
      images = random.drawings(n, architecture.input);  // the first is blank
      for (float& pixel : images) pixel = std::abs(pixel);
      d_logits = random.numbers(n * network.classes());
      if (reference.run(doubles(images), n, false).nearest_kink > 1e-5) return;
    }
  }

  // With other biases of the first layer: low ones leave few live outputs.
  static Network moved(Network network, float by) {
    const TensorInfo& bias = network.tensors()[1];
    for (float& value : network.parameters().subspan(bias.offset, bias.size)) value += by;
    return network;
  }

  std::vector<float> logits(FrozenNetwork::For purpose = FrozenNetwork::For::kLogits) const {
    FrozenNetwork::Scratch scratch;
    const float* result = FrozenNetwork(network, purpose).infer(images.data(), n, scratch);
    return {result, result + n * network.classes()};
  }
  std::vector<float> d_images() const {
    FrozenNetwork::Scratch scratch;
    const FrozenNetwork frozen(network, FrozenNetwork::For::kGradients);
    frozen.infer(images.data(), n, scratch);
    std::vector<float> d(images.size(), 99);
    frozen.backward(d.data(), d_logits.data(), scratch);
    return d;
  }
  /// The derivative of the sum of d_logits * logits with respect to every pixel.
  Values slopes() const {
    const Values at = doubles(images), weights = doubles(d_logits);
    constexpr double kStep = 1e-7;
    Values result;
    for (std::size_t i = 0; i < at.size(); ++i) {
      const auto objective = [&](double step) {
        Values moved = at;
        moved[i] += step;
        return reference::dot(reference.run(moved, n, false).logits, weights);
      };
      result.push_back((objective(kStep) - objective(-kStep)) / (2 * kStep));
    }
    return result;
  }
};

}  // namespace

TEST_CASE("a frozen network's logits are the reference's, whatever is laid out for gradients") {
  for (const Architecture& architecture : architectures()) {
    for (const int n : {1, 3, 8, 9, 21}) {
      CAPTURE(architecture.name, n);
      const Trial t(architecture, n, 10);
      const auto logits = t.logits();
      CHECK(relative_difference(logits, t.reference.run(doubles(t.images), n, false).logits) <
            2e-6);
      CHECK(t.logits(FrozenNetwork::For::kGradients) == logits);
    }
  }
}

TEST_CASE("a frozen network's gradients are numerical derivatives") {
  for (const Architecture& architecture : architectures()) {
    for (const int n : {1, 3}) {
      for (const float bias_moved : {0.0F, -0.5F, -1.5F}) {
        CAPTURE(architecture.name, n, bias_moved);
        const Trial t(architecture, n, 20, bias_moved);
        CHECK(relative_difference(t.d_images(), t.slopes()) < 1e-5);
      }
    }
  }
}

TEST_CASE("an image's gradient does not depend on the batch around it") {
  for (const Architecture& architecture : architectures()) {
    CAPTURE(architecture.name);
    const Trial t(architecture, 21, 30);
    const auto all = t.d_images();
    for (const int i : {0, 7, 8, 20}) {
      Trial single = t;
      single.n = 1;
      const auto cut = [&](const std::vector<float>& batch) {
        const auto size = static_cast<std::ptrdiff_t>(batch.size()) / t.n;
        return std::vector<float>(batch.begin() + i * size, batch.begin() + (i + 1) * size);
      };
      single.images = cut(t.images);
      single.d_logits = cut(t.d_logits);
      CHECK(single.d_images() == cut(all));
    }
  }
}

TEST_CASE("one scratch serves networks of any kind and batches of any size in turn") {
  FrozenNetwork::Scratch scratch;
  for (const int n : {9, 2, 20}) {
    for (const Architecture& architecture : architectures()) {
      CAPTURE(architecture.name, n);
      const Trial t(architecture, n, 40);
      const FrozenNetwork frozen(t.network, FrozenNetwork::For::kGradients);
      const float* logits = frozen.infer(t.images.data(), n, scratch);
      CHECK(std::vector<float>(logits, logits + n * t.network.classes()) == t.logits());
      std::vector<float> d(t.images.size(), 99);
      frozen.backward(d.data(), t.d_logits.data(), scratch);
      CHECK(d == t.d_images());
    }
  }
}

TEST_CASE("where nothing is live the gradient is exactly 0") {
  Network network = random_network(tiny_network());
  for (const TensorInfo& tensor : network.tensors()) {
    if (tensor.name == "a/bias") {
      std::fill_n(network.parameters().data() + tensor.offset, tensor.size, -1e6F);
    }
  }
  const FrozenNetwork frozen(network, FrozenNetwork::For::kGradients);
  RandomData random(5);
  const auto images = random.numbers(network.input_size(), 0, 1);
  const auto d_logits = random.numbers(network.classes());
  FrozenNetwork::Scratch scratch;
  frozen.infer(images.data(), 1, scratch);
  std::vector<float> d(images.size(), 99);
  frozen.backward(d.data(), d_logits.data(), scratch);
  CHECK(largest_magnitude(d) == 0);
}

TEST_CASE("windows are seen where they show a drawn position, inputs where a window shows them") {
  RandomData random(6);
  for (const int kernel : {1, 2, 3, 5}) {
    for (const int stride : {1, 2, 3}) {
      for (const int width : {1, 5, 28, 59}) {
        CAPTURE(kernel, stride, width);
        const Conv2d conv = conv2d_same({6, width, 1}, 1, kernel, stride);
        std::vector<RowBits> rows(6);
        for (RowBits& row : rows) {
          for (int x = 0; x < width; ++x) row |= RowBits{random.below(8) == 0} << x;
        }
        std::vector<RowBits> seen(static_cast<std::size_t>(conv.out.h), ~RowBits{0});
        touched_windows(seen.data(), rows.data(), conv);
        std::vector<RowBits> inputs(6, ~RowBits{0}), expected_inputs(6, 0);
        for (int oy = 0; oy < conv.out.h; ++oy) {
          RowBits expected = 0;
          for (int ox = 0; ox < conv.out.w; ++ox) {
            for (int tap = 0; tap < kernel * kernel; ++tap) {
              const int y = oy * stride + tap / kernel - conv.pad_top;
              const int x = ox * stride + tap % kernel - conv.pad_left;
              const bool inside = y >= 0 && y < 6 && x >= 0 && x < width;
              if (inside && (rows[static_cast<std::size_t>(y)] >> x & 1) != 0) {
                expected |= RowBits{1} << ox;
              }
            }
          }
          CHECK(seen[static_cast<std::size_t>(oy)] == expected);
          for (int ox = 0; ox < conv.out.w; ++ox) {
            if (!has_bit(expected, ox)) continue;
            for (int tap = 0; tap < kernel * kernel; ++tap) {
              const int y = oy * stride + tap / kernel - conv.pad_top;
              const int x = ox * stride + tap % kernel - conv.pad_left;
              if (y < 0 || y >= 6 || x < 0 || x >= width) continue;
              expected_inputs[static_cast<std::size_t>(y)] |= RowBits{1} << x;
            }
          }
        }
        inputs_of_windows(inputs.data(), seen.data(), conv);
        CHECK(inputs == expected_inputs);
      }
    }
  }
}

TEST_CASE("pixels are drawn unless they are 0 in every channel") {
  for (const int width : {1, 3, 4, 15, 16, 17, 28, 64}) {
    for (const int c : {1, 2}) {
      for (int drawn = 0; drawn < width; ++drawn) {
        CAPTURE(width, c, drawn);
        std::vector<float> row(static_cast<std::size_t>(width * c), 0.0F);
        row[0] = -0.0F;  // a zero as well
        row[static_cast<std::size_t>((drawn + 1) * c - 1)] = 1e-30F;
        CHECK(drawn_pixels(row.data(), width, c) == RowBits{1} << drawn);
      }
    }
  }
}
