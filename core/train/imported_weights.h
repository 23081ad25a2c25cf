// Weights of other frameworks, under their names and in their orders, as a network of ours.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "data/safetensors.h"
#include "nn/network.h"

namespace inoculate {

enum class Framework { kTorch, kKeras };

/// The order in which a feature map [H, W, C] becomes one row before a dense layer.
enum class Flattening { kChannelsFirst, kChannelsLast };

struct ImportOptions {
  Framework from = Framework::kTorch;
  std::string architecture;              ///< empty: the one of ours that fits
  std::optional<Flattening> flattening;  ///< none: first for PyTorch, last for Keras
  std::optional<double> norm_epsilon;    ///< of batch normalisation; none: 1e-5 or 1e-3
};

/// A network, and what somebody who imports it has to know, in sentences.
struct ImportedNetwork {
  Network network;
  std::vector<std::string> notes;
};

/// Whether a framework's tensor of that name tells nothing about what a network computes: counters
/// (num_batches_tracked), the optimiser's state, seeds. For parse_safetensors to skip.
bool is_bookkeeping(Framework from, const std::string& tensor);

/// The network that a state dict of PyTorch (conv1.weight [F,C,K,K], fc.weight [out,in],
/// bn.running_var ...) or Keras's variables (conv2d/kernel:0 [K,K,C,F], layers/conv2d/vars/0 ...)
/// hold. Layers are told by their kinds and shapes, and equal ones by the order of their names
/// ("2" before "10"). Missing biases are 0. A batch normalisation's scale takes up the difference
/// between the framework's epsilon and ours, so that the network asked gives the same. `name` is
/// the file's for messages. Throws Error when a tensor is not understood, or nothing of ours fits.
ImportedNetwork import_weights(const Safetensors& file, const ImportOptions& options,
                               const std::string& name);

}  // namespace inoculate
