#include "model/network_graph.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "base/error.h"
#include "nn/conv2d.h"
#include "nn/graph/build.h"

namespace inoculate {
namespace {

// Follows an image through the layers. Operators come in the order of layers, and each has its
// weights in the order in which a file of ours names them, and as that has them.
class Derivation {
 public:
  Derivation(const Network& network, float momentum)
      : network_(network),
        momentum_(momentum),
        shape_(network.architecture().input),
        graph_(extents_of(shape_)) {
    for (const LayerSpec& spec : network.architecture().layers) {
      std::visit([this](const auto& layer) { add(layer); }, spec);
    }
  }
  Graph graph() && { return graph_.take(last_); }

 private:
  void take(int node, const std::string& name) {
    graph_.rename(node, name);
    last_ = node;
  }

  // The next tensor of the network.
  std::vector<float> next() {
    const TensorInfo& info = network_.tensors()[tensor_++];
    const std::span<const float> all = info.trained ? network_.parameters() : network_.statistics();
    const std::span<const float> own = all.subspan(info.offset, info.size);
    return {own.begin(), own.end()};
  }

  void add(const ConvSpec& spec) {
    const Conv2d conv = conv2d_same(shape_, spec.filters, spec.kernel, spec.stride);
    Window window;
    window.kernel_h = window.kernel_w = conv.kernel;
    window.stride_h = window.stride_w = conv.stride;
    window.pad_top = conv.pad_top;
    window.pad_left = conv.pad_left;
    const std::vector<float> kernel = next(), bias = next();
    take(graph_.conv(last_, conv.out.h, conv.out.w, window, kernel, bias), spec.name);
    shape_ = conv.out;
  }
  void add(const DenseSpec& spec) {
    const std::vector<float> kernel = next(), bias = next();
    take(graph_.dense(graph_.flatten(last_), kernel, bias), spec.name);
    shape_ = {1, 1, spec.units};
  }
  void add(const BatchNormSpec& spec) {
    const std::vector<float> gamma = next(), beta = next(), mean = next(), variance = next();
    take(graph_.batch_norm(last_, kBatchNormEpsilon, momentum_, gamma, beta, mean, variance),
         spec.name);
  }
  void add(const ReluSpec&) { last_ = graph_.relu(last_); }
  void add(const DropoutSpec& spec) { last_ = graph_.dropout(last_, spec.rate); }

  const Network& network_;
  float momentum_;
  Shape shape_;
  GraphBuilder graph_;
  std::size_t tensor_ = 0;
  int last_ = 0;
};

}  // namespace

Graph graph_of(const Network& network, float momentum) {
  return Derivation(network, momentum).graph();
}

GraphNetwork graph_network_of(const Network& network) {
  constexpr float kMomentum = 0.9F;
  return GraphNetwork(graph_of(network, kMomentum));
}

void set_weights(Network& network, const GraphNetwork& graph) {
  if (graph.parameters().size() != network.parameters().size() ||
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
