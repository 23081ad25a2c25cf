// A network's weights as named tensors, which is how they leave and enter it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/named_tensor.h"
#include "nn/network.h"

namespace inoculate {

/// Parameters and statistics under their names, in the network's order.
std::vector<NamedTensor> weights(const Network& network);

/// Any vector laid out as the network's parameters (gradients, moments), under `prefix` + name.
std::vector<NamedTensor> named(const Network& network, std::span<const float> parameters,
                               const std::string& prefix);

/// Sets all weights. `source` names where they came from in messages. Throws Error, leaving the
/// network as it was, when a tensor is missing, unknown or of another shape, a value is not finite,
/// or a variance is negative.
void set_weights(Network& network, const std::vector<NamedTensor>& tensors,
                 const std::string& source);

/// The inverse of `named`: sets `parameters` from the tensors whose names begin with `prefix`, with
/// the same refusals.
void set_named(std::span<float> parameters, const Network& network,
               const std::vector<NamedTensor>& tensors, const std::string& prefix,
               const std::string& source);

}  // namespace inoculate
