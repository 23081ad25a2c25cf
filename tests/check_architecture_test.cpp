// What the engine cannot compute is refused where the network is made; what it can is right.
#include "nn/check_architecture.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "compare.h"
#include "input_gradients.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "random_data.h"
#include "reference_network.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

const ReluSpec kRelu;
const DenseSpec kLogits{"z", 4};

std::string refusal(const Architecture& architecture) {
  return refusal_of([&] { const Network network(architecture); });
}

Architecture with_layers(std::vector<LayerSpec> layers, Shape input = {8, 8, 1}) {
  return {"odd", input, std::move(layers)};
}

}  // namespace

TEST_CASE("networks that the engine cannot compute are refused in words") {
  struct Case {
    std::vector<LayerSpec> layers;
    Shape input;
    std::string words;
  };
  const Shape small{8, 8, 1};
  const std::vector<Case> cases{
      {{ConvSpec{"a", 3, 3, 1}, kRelu, kLogits},
       {8, 62, 1},
       "layer 1, the convolution 'a', reads rows of 62 columns; a kernel of 3 takes at most 61"},
      {{BatchNormSpec{"b"}, ConvSpec{"a", 3, 3, 1}, kLogits},
       small,
       "layer 1, the batch normalisation 'b', comes first; begin with a convolution or a dense"},
      {{BatchNormSpec{"b"}, kLogits}, small, "comes first"},
      {{kRelu, kLogits}, small, "layer 1, a rectifier, comes first"},
      {{DropoutSpec{0.5F}, kLogits}, small, "layer 1, a dropout, comes first"},
      {{DenseSpec{"a", 5}, kRelu, BatchNormSpec{"b"}, kRelu, kLogits},
       small,
       "layer 4, a rectifier, is the second after a kernel, with a batch normalisation in between"},
      {{DenseSpec{"a", 9}, ConvSpec{"b", 3, 3, 1}, kLogits},
       small,
       "layer 2, the convolution 'b', comes after a dense layer"},
      {{ConvSpec{"a", 3, 3, 1}, kRelu}, small, "its end must be a dense layer"},
      {{}, small, "its end must be a dense layer"},
      {{DenseSpec{"a", 1}}, small, "has 1 classes; give it 2 to 256"},
      {{DenseSpec{"a", 257}}, small, "has 257 classes"},
      {{DenseSpec{"a", 0}}, small, "has units 0"},
      {{ConvSpec{"a", 0, 3, 1}, kLogits}, small, "has filters 0"},
      {{ConvSpec{"a", 3, 0, 1}, kLogits}, small, "a kernel of 0"},
      {{ConvSpec{"a", 3, 12, 1}, kLogits}, small, "a kernel of 12; it must be 1 to 11"},
      {{ConvSpec{"a", 3, 3, 0}, kLogits}, small, "a stride of 0"},
      {{ConvSpec{"a", 9000, 3, 1}, kLogits}, small, "rows of more than 65535 values"},
      {{DenseSpec{"a", 5}, DropoutSpec{1}, kLogits}, small, "a rate in [0, 1)"},
      {{DenseSpec{"a", 5}, DropoutSpec{NAN}, kLogits}, small, "a rate in [0, 1)"},
      {{DenseSpec{"a", 5}, DenseSpec{"a", 4}}, small, "has the name of another layer"},
      {{DenseSpec{"", 5}, kLogits}, small, "has no name"},
      {{kLogits}, {0, 8, 1}, "its input has height 0"},
      {{kLogits}, {8, -3, 1}, "its input has width -3"},
      {{kLogits}, {1 << 16, 1 << 16, 1 << 16}, "more than 16777216 values"},
      {{DenseSpec{"a", 1 << 20}, kLogits}, {1000, 1000, 1}, "weights"},
  };
  for (const Case& c : cases) {
    const std::string told = refusal(with_layers(c.layers, c.input));
    INFO(told);
    CHECK(told.starts_with("the network 'odd' cannot be computed: "));
    CHECK(told.find(c.words) != std::string::npos);
    CHECK(told.find('\n') == std::string::npos);
  }
}

TEST_CASE("all architectures that have a name can be computed") {
  for (const std::string& name : architecture_names()) {
    CHECK_NOTHROW(check_architecture(*find_architecture(name)));
  }
}

TEST_CASE("networks at the engine's limits are computed as the reference does") {
  const std::vector<Architecture> architectures{
      {"as wide as masks allow",
       {5, 61, 1},
       {ConvSpec{"a", 3, 3, 1}, kRelu, BatchNormSpec{"b"}, ConvSpec{"c", 4, 3, 2}, kRelu, kLogits}},
      {"wide without a convolution", {2, 300, 1}, {DenseSpec{"a", 5}, kRelu, kLogits}},
      {"a kernel larger than its image", {3, 4, 1}, {ConvSpec{"a", 3, 11, 1}, kRelu, kLogits}},
      {"two classes", {6, 6, 1}, {ConvSpec{"a", 3, 3, 2}, kRelu, DenseSpec{"z", 2}}},
      {"every class that a label can be", {6, 6, 1}, {DenseSpec{"z", 256}}},
      {"a rectifier at the end", {6, 6, 1}, {DenseSpec{"z", 7}, BatchNormSpec{"b"}, kRelu}},
  };
  for (const Architecture& architecture : architectures) {
    CAPTURE(architecture.name);
    const Network network = random_network(architecture);
    const reference::ReferenceNetwork reference(network);
    constexpr int kImages = 5;
    std::vector<float> pixels = RandomData(1).drawings(kImages, architecture.input);
    for (float& pixel : pixels) pixel = std::abs(pixel);
    const Matrix images = Eigen::Map<const Matrix>(pixels.data(), kImages, network.input_size());
    const Matrix logits = NetworkClassifier(network).logits(images);
    const std::vector<float> actual(logits.data(), logits.data() + logits.size());
    CHECK(relative_difference(
              actual, reference.run(reference::doubles(pixels), kImages, false).logits) < 5e-6);
  }
}

TEST_CASE("a rectifier right after another changes nothing") {
  const auto network = [](int rectifiers) {
    Architecture architecture{"again", {9, 8, 1}, {ConvSpec{"a", 5, 3, 2}}};
    const auto rectify = [&] {
      architecture.layers.insert(architecture.layers.end(), static_cast<std::size_t>(rectifiers),
                                 kRelu);
    };
    rectify();
    architecture.layers.emplace_back(BatchNormSpec{"b"});
    architecture.layers.emplace_back(ConvSpec{"c", 6, 3, 1});
    rectify();
    architecture.layers.emplace_back(DenseSpec{"d", 7});
    rectify();
    architecture.layers.emplace_back(kLogits);
    return random_network(architecture);
  };
  const Network once = network(1), twice = network(2);
  const Matrix images = RandomData(2).images(6, once.input_size());
  const Labels labels = RandomData(3).labels(6, 4);
  CHECK(NetworkClassifier(once).logits(images) == NetworkClassifier(twice).logits(images));
  CHECK(input_gradients(once, images, labels, Loss::kCrossEntropy) ==
        input_gradients(twice, images, labels, Loss::kCrossEntropy));
  const auto trained = [&](Network net) {
    Cache cache;
    Rng rng(1);
    const float* logits = net.forward_training(images.data(), 6, rng, cache);
    std::vector<float> d(24), gradients(net.parameters().size());
    loss_and_gradient(nullptr, d.data(), Loss::kCrossEntropy, 1, logits, labels.data(), 6, 4);
    net.backward(gradients, d.data(), images.data(), cache);
    return gradients;
  };
  const std::vector<float> one = trained(once), two = trained(twice);
  float largest = 0;
  for (std::size_t i = 0; i < one.size(); ++i)
    largest = std::max(largest, std::abs(one[i] - two[i]));
  CHECK(largest < 1e-5F);
}
