// A network's weights as named tensors, which is how they leave and enter it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/named_tensor.h"
#include "nn/network.h"

namespace inoculate {

/// The weights of a network, whatever kind it is of, and where its tensors lie in them.
struct WeightTable {
  const std::string& architecture;  ///< what the network is called in messages
  const std::vector<TensorInfo>& tensors;
  std::span<const float> parameters, statistics;
};

/// That of one of our own networks.
WeightTable weight_table(const Network& network);

/// Parameters and statistics under their names, in the network's order.
std::vector<NamedTensor> weights(const WeightTable& table);
inline std::vector<NamedTensor> weights(const Network& network) {
  return weights(weight_table(network));
}

/// Any vector laid out as the network's parameters (gradients, moments), under `prefix` + name.
std::vector<NamedTensor> named(const WeightTable& table, std::span<const float> parameters,
                               const std::string& prefix);

/// Sets all weights of a network with that table. `source` names where they came from in messages.
/// Throws Error, leaving the network as it was, when a tensor is missing, unknown or of another
/// shape, a value is not finite, or a variance is negative.
void set_weights(std::span<float> parameters, std::span<float> statistics, const WeightTable& table,
                 const std::vector<NamedTensor>& tensors, const std::string& source);
inline void set_weights(Network& network, const std::vector<NamedTensor>& tensors,
                        const std::string& source) {
  set_weights(network.parameters(), network.statistics(), weight_table(network), tensors, source);
}

/// The inverse of `named`: sets `parameters` from the tensors whose names begin with `prefix`, with
/// the same refusals.
void set_named(std::span<float> parameters, const WeightTable& table,
               const std::vector<NamedTensor>& tensors, const std::string& prefix,
               const std::string& source);

}  // namespace inoculate
