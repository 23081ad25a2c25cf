// A network as a weights file: safetensors whose metadata name the architecture.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "data/safetensors.h"
#include "nn/weights.h"

namespace inoculate {

/// The architecture that a weights file called `name` in messages names; of a file that names none,
/// SimpleCNN. Throws Error when it is unknown.
Architecture architecture_of(const Safetensors& file, const std::string& name);

/// The network of a weights file called `name` in messages; a file that names no architecture holds
/// a SimpleCNN. Throws Error when the architecture is unknown, the weights do not fit it, it cannot
/// be asked, or the file is a checkpoint of a training run.
Network network_of(const Safetensors& file, const std::string& name);

/// Throws Error when the logits of a blank image, a grey one or a full one are not finite: weights
/// that are all finite can still overflow. `name` is the network's file's for the message.
void require_finite_answers(const Network& network, const std::string& name);

/// The accuracy (0..1) that metadata "test_accuracy" begin with, as every training writes them
/// ("0.9903 of n = 10000"); none without, or where they say something else.
std::optional<double> promised_accuracy_of(const Safetensors& file);

/// The weights file of a network; `metadata` says how it was trained, the architecture is added.
Safetensors model_file(const WeightTable& network, std::map<std::string, std::string> metadata);
inline Safetensors model_file(const Network& network, std::map<std::string, std::string> metadata) {
  return model_file(weight_table(network), std::move(metadata));
}

}  // namespace inoculate
