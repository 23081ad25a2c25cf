// Networks as files.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "data/safetensors.h"
#include "nn/network.h"

namespace inoculate {

/// Reads a safetensors file (weights, checkpoint); 64 MiB at most.
Safetensors read_safetensors(const std::filesystem::path& path);
/// The same of bytes that were read from the file.
Safetensors safetensors_of(ByteView bytes, const std::filesystem::path& path);

/// Throws Error when a file that was given for weights is a checkpoint, with how to go on with it.
void refuse_checkpoint(const Safetensors& file, const std::filesystem::path& path);

/// The network of a file that read_safetensors gave. Throws Error when its architecture is unknown,
/// the weights do not fit it, or it is a checkpoint.
Network model_of(const Safetensors& file, const std::filesystem::path& path);

/// read_safetensors and model_of.
Network load_model(const std::filesystem::path& path);

/// Writes the bytes of a trained model. When that fails they are kept in the temporary directory
/// (see write_or_rescue) and the Error says where; when they cannot be kept at all, it says that
/// `command` makes them again, if there is one.
void save_model(ByteView file, const std::filesystem::path& path, const std::string& command = "");

/// The same of a network's weights; `metadata` says how they were trained, the architecture is
/// added.
void save_model(const Network& network, std::map<std::string, std::string> metadata,
                const std::filesystem::path& path, const std::string& command = "");

}  // namespace inoculate
