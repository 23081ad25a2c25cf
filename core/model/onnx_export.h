// Networks of ours as ONNX models, for other runtimes to ask.
#pragma once

#include <map>
#include <string>

#include "formats/onnx/model.h"
#include "model/linear.h"
#include "nn/network.h"

namespace inoculate {

/// The model that computes the network's logits: its input "image" is [N, C, H, W] with pixels
/// 0..1, or [N, C] where H and W are 1, its output "logits" [N, classes]; N is free. Nodes and
/// weights are called as the layers; a dropout does nothing when a network is asked, and is left
/// out. `metadata` (how it was trained) goes with it. Throws Error where no reader could tell such
/// an input's channels from its columns.
OnnxModel onnx_model(const Network& network, std::map<std::string, std::string> metadata);
OnnxModel onnx_model(const Linear& linear, std::map<std::string, std::string> metadata);

}  // namespace inoculate
