// What a network is made of, before it has weights.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/shapes.h"

namespace inoculate {

struct ConvSpec {
  std::string name;
  int filters = 1;
  int kernel = 3;
  int stride = 1;
};
struct DenseSpec {
  std::string name;
  int units = 1;
};
struct BatchNormSpec {
  std::string name;
};
struct ReluSpec {};
struct DropoutSpec {
  float rate = 0.5F;
};

/// Flattening needs no layer: an activation is one contiguous row in H, W, C order everywhere.
using LayerSpec = std::variant<ConvSpec, DenseSpec, BatchNormSpec, ReluSpec, DropoutSpec>;

/// The last layer gives the logits. Names of layers are distinct: they name the weights in a file.
struct Architecture {
  std::string name;
  Shape input;
  std::vector<LayerSpec> layers;
};

/// The tutorial's SimpleCNN for 28 x 28 x 1 and 10 classes: two strided convolutions of 32 and 64
/// filters, a dense layer of 128, and the logits. `dropout` is the rate before the last layer; 0
/// leaves the layer out.
Architecture simple_cnn(float dropout = 0.5F);

/// One hidden layer with ReLU.
Architecture mlp(int hidden = 200);

/// Two hidden layers of 1,200 with batch normalisation and ReLU: the network that semi-supervised
/// learning is measured with on MNIST (Rasmus et al. 2015, Miyato et al. 2018).
Architecture mlp_1200();

/// The logits are one linear map of the pixels.
Architecture logistic_regression();

/// The names of those above, which weights files and options call them by.
std::vector<std::string> architecture_names();

/// The architecture of that name, or none.
std::optional<Architecture> find_architecture(std::string_view name);

}  // namespace inoculate
