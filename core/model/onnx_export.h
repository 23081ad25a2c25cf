// Networks of ours, and graphs that code has built, as ONNX models for other runtimes.
#pragma once

#include <map>
#include <string>

#include "formats/onnx/model.h"
#include "nn/graph/graph.h"
#include "nn/network.h"

namespace inoculate {

/// The model that computes the graph's logits: its input "image" is [N, C, H, W] with pixels 0..1,
/// or [N, features], its output "logits" [N, classes]; N is free. Nodes are called as the graph's,
/// weights after their nodes. `metadata` (how it was trained) goes with it. Throws Error for an
/// operator that GraphBuilder does not add, and where no reader could tell such an input's channels
/// from its columns.
OnnxModel onnx_model(const Graph& graph, std::map<std::string, std::string> metadata);

/// Of a network of ours (model/network_graph.h), with its architecture's name.
OnnxModel onnx_model(const Network& network, std::map<std::string, std::string> metadata);

}  // namespace inoculate
