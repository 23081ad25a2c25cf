// Small networks for tests.
#pragma once

#include "model/network_trainable.h"
#include "random_data.h"

namespace inoculate {

/// Every kind of layer in few numbers, and rectifiers before and after normalisation.
inline Architecture tiny_network(float dropout = 0.5F) {
  Architecture net{
      "tiny",
      {7, 6, 2},
      {ConvSpec{"a", 5, 3, 2}, ReluSpec{}, BatchNormSpec{"b"}, ConvSpec{"c", 4, 2, 1},
       BatchNormSpec{"d"}, ReluSpec{}, DenseSpec{"e", 17}, ReluSpec{}, BatchNormSpec{"f"}}};
  if (dropout > 0) net.layers.emplace_back(DropoutSpec{dropout});
  net.layers.emplace_back(DenseSpec{"g", 10});
  return net;
}

/// A network with initial kernels, and with biases and moving statistics as if it had been trained.
inline Network random_network(const Architecture& architecture, unsigned seed = 1) {
  Network network(architecture);
  Rng rng(seed);
  network.initialize(rng);
  RandomData random(seed);
  for (const TensorInfo& tensor : network.tensors()) {
    const bool kernel = tensor.name.ends_with("/kernel");
    const auto arena = tensor.trained ? network.parameters() : network.statistics();
    const bool around_one =
        tensor.name.ends_with("/gamma") || tensor.name.ends_with("/moving_variance");
    for (std::size_t i = 0; i < tensor.size && !kernel; ++i) {
      arena[tensor.offset + i] = (around_one ? 1.0F : 0.0F) + random.number(-0.4F, 0.4F);
    }
  }
  return network;
}

/// Parameters and then statistics.
inline std::vector<float> all_weights(const Network& network) {
  std::vector<float> values(network.parameters().begin(), network.parameters().end());
  values.insert(values.end(), network.statistics().begin(), network.statistics().end());
  return values;
}

}  // namespace inoculate
