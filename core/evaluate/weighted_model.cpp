#include "evaluate/weighted_model.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/error.h"
#include "nn/frozen_network.h"
#include "nn/graph/graph.h"
#include "nn/graph/plan.h"
#include "nn/graph/simplify.h"
#include "nn/network.h"
#include "nn/ops/kernel.h"

namespace inoculate {
namespace {

constexpr int kImagesAtOnce = 64;

// Adds those of a kernel [groups, depth, channels] that begins at `offset`.
void add_filters(std::vector<WeightFilter>& filters, std::size_t offset, std::size_t size,
                 std::size_t groups, std::size_t channels) {
  const std::size_t depth = size / groups / channels;
  for (std::size_t group = 0; group < groups; ++group) {
    for (std::size_t c = 0; c < channels; ++c) {
      filters.push_back({offset + group * depth * channels + c, channels, depth});
    }
  }
}

class WeightedNetwork : public WeightedModel {
 public:
  explicit WeightedNetwork(Network network) : network_(std::move(network)) {
    const auto parameters = std::as_const(network_).parameters();
    const auto statistics = std::as_const(network_).statistics();
    values_.assign(parameters.begin(), parameters.end());
    values_.insert(values_.end(), statistics.begin(), statistics.end());
    for (const TensorInfo& tensor : network_.tensors()) {
      if (!tensor.trained || !tensor.name.ends_with("/kernel")) continue;
      add_filters(filters_, tensor.offset, tensor.size, 1,
                  static_cast<std::size_t>(tensor.shape.back()));
    }
  }

  std::span<const float> values() const override { return values_; }
  int classes() const override { return network_.classes(); }
  int input_size() const override { return network_.input_size(); }

  Matrix logits(std::span<const float> values, ConstMatrixRef images) const override {
    Network network = network_;
    const std::size_t parameters = network.parameters().size();
    std::copy_n(values.begin(), parameters, network.parameters().begin());
    std::copy(values.begin() + static_cast<std::ptrdiff_t>(parameters), values.end(),
              network.statistics().begin());
    const FrozenNetwork frozen(network);
    thread_local FrozenNetwork::Scratch scratch;
    const int count = static_cast<int>(images.rows());
    Matrix logits(count, classes());
    for (int begin = 0; begin < count; begin += kImagesAtOnce) {
      const int n = std::min(kImagesAtOnce, count - begin);
      const float* some = frozen.infer(images.row(begin).data(), n, scratch);
      std::copy_n(some, n * classes(), logits.row(begin).data());
    }
    return logits;
  }

  bool same_form(const WeightedModel& other) const override {
    const auto* network = dynamic_cast<const WeightedNetwork*>(&other);
    if (network == nullptr) return false;
    const auto &a = network_.tensors(), &b = network->network_.tensors();
    return network_.architecture().name == network->network_.architecture().name &&
           std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const TensorInfo& x, const TensorInfo& y) {
                        return x.name == y.name && x.shape == y.shape;
                      });
  }

 private:
  Network network_;
  std::vector<float> values_;
};

class WeightedGraph : public WeightedModel {
 public:
  explicit WeightedGraph(Graph graph) : graph_(std::move(graph)) {
    std::set<int> seen;  // a kernel may be shared
    for (const Node& node : graph_.nodes) {
      if (node.kernel == &kConvTranspose) {
        throw Error("has a transposed convolution (" + node.name +
                    "), whose filters cannot be scaled one by one");
      }
      if (node.kernel != &kConv && node.kernel != &kDense) continue;
      if (!seen.insert(node.weights[0]).second) continue;
      const Weight& weight = graph_.weights[static_cast<std::size_t>(node.weights[0])];
      const auto groups = static_cast<std::size_t>(node.attributes.groups);
      add_filters(filters_, weight.offset, weight.size, groups,
                  static_cast<std::size_t>(node.shape.back()) / groups);
    }
    if (filters_.empty()) {
      throw Error("has no convolution and no dense layer, whose weights could be changed");
    }
  }

  std::span<const float> values() const override {
    return {graph_.values.data(), graph_.values.size()};
  }
  int classes() const override { return size_of(graph_.shape(graph_.output)); }
  int input_size() const override { return size_of(graph_.shape(0)); }

  Matrix logits(std::span<const float> values, ConstMatrixRef images) const override {
    Graph graph = graph_;
    std::copy(values.begin(), values.end(), graph.values.begin());
    const Plan plan(simplified(std::move(graph)));
    constexpr std::size_t kFloatsInCache = std::size_t{1} << 19;
    const int at_once = static_cast<int>(std::clamp<std::size_t>(
        kFloatsInCache / (plan.floats_per_image(Passes::kForward) + 1), 1, kImagesAtOnce));
    Plan::Workspace workspace;
    const int count = static_cast<int>(images.rows());
    Matrix logits(count, classes());
    for (int begin = 0; begin < count; begin += at_once) {
      const int n = std::min(at_once, count - begin);
      const float* some = plan.forward(images.row(begin).data(), n, workspace);
      std::copy_n(some, n * classes(), logits.row(begin).data());
    }
    return logits;
  }

  bool same_form(const WeightedModel& other) const override {
    const auto* graph = dynamic_cast<const WeightedGraph*>(&other);
    return graph != nullptr && inoculate::same_form(graph_, graph->graph_);
  }

 private:
  Graph graph_;
};

}  // namespace

std::unique_ptr<WeightedModel> weighted_model(const Network& network) {
  return std::make_unique<WeightedNetwork>(network);
}

std::unique_ptr<WeightedModel> weighted_model(const Graph& graph) {
  return std::make_unique<WeightedGraph>(graph);
}

}  // namespace inoculate
