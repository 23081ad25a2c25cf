#include "model/network_graph.h"

#include <algorithm>

#include "base/error.h"
#include "model/onnx_export.h"
#include "nn/graph/import.h"

namespace inoculate {

GraphNetwork graph_network_of(const Network& network) {
  return GraphNetwork(import_onnx(onnx_model(network, {}), network.architecture().name));
}

// Operators come in the order of layers, and each has its weights in the order in which a file of
// ours names them. A kernel keeps its place too where there is one channel: its axes are those of
// the images then, whichever comes first.
void set_weights(Network& network, const GraphNetwork& graph) {
  if (network.architecture().input.c != 1 ||
      graph.parameters().size() != network.parameters().size() ||
      graph.statistics().size() != network.statistics().size()) {
    throw Error("the graph's weights do not fit the network '" + network.architecture().name + "'");
  }
  const float* parameters = graph.parameters().data();
  const float* statistics = graph.statistics().data();
  for (const TensorInfo& tensor : network.tensors()) {
    const float*& from = tensor.trained ? parameters : statistics;
    float* to = tensor.trained ? network.parameters().data() : network.statistics().data();
    std::copy_n(from, tensor.size, to + tensor.offset);
    from += tensor.size;
  }
}

}  // namespace inoculate
