// Graphs that code has built, as ONNX models.
#pragma once

#include <map>
#include <string>

#include "formats/onnx/model.h"
#include "nn/graph/graph.h"

namespace inoculate {

/// The model that computes the graph's logits: its input "image" is [N, C, H, W] or [N, features],
/// its output "logits" [N, classes]. Nodes are called as the graph's, weights after their nodes.
/// `metadata` go with it. Throws Error for an operator that GraphBuilder does not add.
OnnxModel onnx_model(const Graph& graph, std::map<std::string, std::string> metadata);

}  // namespace inoculate
