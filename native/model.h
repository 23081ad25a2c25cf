// Networks as files.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "data/safetensors.h"
#include "nn/network.h"

namespace inoculate {

/// Reads a safetensors file (weights, checkpoint); 64 MiB at most.
Safetensors read_safetensors(const std::filesystem::path& path);

/// The network of a weights file. Throws Error when its architecture is unknown or the weights do
/// not fit it.
Network load_model(const std::filesystem::path& path);

/// The accuracy (0..1) on its test images that the training of a weights file ended with, as its
/// metadata have it; none where they do not say.
std::optional<double> promised_accuracy(const std::filesystem::path& path);

/// Writes the weights; `metadata` says how they were trained, the architecture is added.
void save_model(const Network& network, std::map<std::string, std::string> metadata,
                const std::filesystem::path& path);

}  // namespace inoculate
