#include "nn/graph/simplify.h"

#include <numeric>
#include <utility>
#include <vector>

#include "nn/ops/channel_affine.h"

namespace inoculate {
namespace {

class Simplifier {
 public:
  explicit Simplifier(Graph graph) : graph_(std::move(graph)), same_(graph_.nodes.size()) {
    std::iota(same_.begin(), same_.end(), 0);
  }

  Graph run() {
    count_readers();
    for (std::size_t i = 1; i < graph_.nodes.size(); ++i) {
      Node& node = graph_.nodes[i];
      for (int& input : node.inputs) input = same_[static_cast<std::size_t>(input)];
      if (readers_[i] == 0) continue;
      if (node.kernel == &kBatchNorm) fold_batch_norm(graph_, node);
      if (node.kernel == &kDropout) node.kernel = &kReshape;
      if (is_plain_sum(node)) {
        node.kernel = &kCombination;
        node.attributes.alpha = node.attributes.beta = 1;
      }
      if (node.inputs.size() != 1) continue;
      const int before = node.inputs[0];
      if (readers_[static_cast<std::size_t>(before)] != 1) continue;
      Node& source = graph_.nodes[static_cast<std::size_t>(before)];
      if (folds(source, node) || clips(source, node)) {
        same_[i] = before;
        readers_[static_cast<std::size_t>(before)] = readers_[i];
      }
    }
    graph_.output = same_[static_cast<std::size_t>(graph_.output)];
    return std::move(graph_);
  }

 private:
  // Of what the logits depend on; they themselves are read from outside.
  void count_readers() {
    readers_.assign(graph_.nodes.size(), 0);
    readers_[static_cast<std::size_t>(graph_.output)] = 1;
    for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
      if (readers_[i] == 0) continue;
      for (const int input : graph_.nodes[i].inputs) ++readers_[static_cast<std::size_t>(input)];
    }
  }

  bool is_plain_sum(const Node& node) const {
    return node.kernel == &kSum && node.attributes.mode == kAddMode &&
           graph_.shape(node.inputs[0]) == node.shape && graph_.shape(node.inputs[1]) == node.shape;
  }

  float* weight(int number) {
    return graph_.values.data() + graph_.weights[static_cast<std::size_t>(number)].offset;
  }

  // scale * (kernel x + bias) + shift = (scale kernel) x + (scale bias + shift)
  bool folds(Node& source, const Node& affine) {
    if (affine.kernel != &kAffine || source.clip.clips()) return false;
    if (source.kernel != &kConv && source.kernel != &kDense) return false;
    // The kernel is [groups, K, channels of a group].
    const std::size_t size = graph_.weights[static_cast<std::size_t>(source.weights[0])].size;
    const auto groups = static_cast<std::size_t>(source.attributes.groups);
    const std::size_t channels = static_cast<std::size_t>(source.shape.back()) / groups;
    const std::size_t depth = size / groups / channels;
    float* kernel = weight(source.weights[0]);
    const float* scale = weight(affine.weights[0]);
    for (std::size_t group = 0; group < groups; ++group, scale += channels) {
      for (std::size_t k = 0; k < depth; ++k, kernel += channels) {
        for (std::size_t c = 0; c < channels; ++c) kernel[c] *= scale[c];
      }
    }
    if (source.weights.size() > 1) {
      const float* bias = weight(source.weights[1]);
      scale = weight(affine.weights[0]);
      float* shift = weight(affine.weights[1]);
      for (std::size_t c = 0; c < groups * channels; ++c) {
        shift[c] = static_cast<float>(static_cast<double>(bias[c]) * scale[c] + shift[c]);
      }
    }
    source.weights = {source.weights[0], affine.weights[1]};
    return true;
  }

  static bool clips(Node& source, const Node& node) {
    if (node.kernel != &kActivation || node.attributes.mode != kClipMode) return false;
    if (source.kernel == nullptr || !source.kernel->clips || source.clip.clips()) return false;
    source.clip = {node.attributes.alpha, node.attributes.beta};
    return true;
  }

  Graph graph_;
  std::vector<int> same_;     // by node: which one gives its value now
  std::vector<int> readers_;  // of that value
};

}  // namespace

Graph simplified(Graph graph) { return Simplifier(std::move(graph)).run(); }

}  // namespace inoculate
