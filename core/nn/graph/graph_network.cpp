#include "nn/graph/graph_network.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/error.h"

namespace inoculate {
namespace {

std::size_t size_of_role(const Graph& graph, Role role) {
  std::size_t size = 0;
  for (const Weight& weight : graph.weights) size += weight.role == role ? weight.size : 0;
  return size;
}

// The same graph with its numbers one behind the other: parameters, statistics, constants.
Graph arranged(Graph graph) {
  FloatBuffer values(size_of_role(graph, Role::kParameter) + size_of_role(graph, Role::kStatistic) +
                     size_of_role(graph, Role::kConstant));
  std::size_t offset = 0;
  for (const Role role : {Role::kParameter, Role::kStatistic, Role::kConstant}) {
    for (Weight& weight : graph.weights) {
      if (weight.role != role) continue;
      std::copy_n(graph.values.data() + weight.offset, weight.size, values.data() + offset);
      weight.offset = offset;
      offset += weight.size;
    }
  }
  graph.values = std::move(values);
  return graph;
}

void refuse_untrainable(const Plan& plan) {
  const Graph& graph = plan.graph();
  for (int i = 1; i < static_cast<int>(graph.nodes.size()); ++i) {
    if (!plan.computes(i)) continue;
    const Node& node = graph.node(i);
    const auto refuse = [&](const char* what) {
      throw Error("operator '" + node.op + "' (node '" + node.name +
                  "') cannot be trained: " + what);
    };
    if (graph.parameters_of(node) > 0 && node.kernel->backward_weights == nullptr) {
      refuse("it has no gradient by its parameters");
    }
    const bool passes_on = std::any_of(node.inputs.begin(), node.inputs.end(),
                                       [&](int input) { return plan.learns(input); });
    if (passes_on && node.kernel->backward == nullptr) {
      refuse("no gradient goes through it to the parameters before it");
    }
  }
}

}  // namespace

GraphNetwork::GraphNetwork(Graph graph)
    : plan_(arranged(std::move(graph)), Purpose::kTraining),
      parameters_(size_of_role(plan_.graph(), Role::kParameter)),
      statistics_(size_of_role(plan_.graph(), Role::kStatistic)) {
  refuse_untrainable(plan_);
}

std::span<float> GraphNetwork::parameters() {
  has_changed_ = true;
  return {plan_.values(), parameters_};
}

std::span<const float> GraphNetwork::parameters() const {
  return {graph().values.data(), parameters_};
}

std::span<float> GraphNetwork::statistics() { return {plan_.values() + parameters_, statistics_}; }

std::span<const float> GraphNetwork::statistics() const {
  return {graph().values.data() + parameters_, statistics_};
}

const float* GraphNetwork::forward(const float* inputs, int n, const Mode& mode, Memory& memory) {
  if (std::exchange(has_changed_, false)) plan_.prepare();
  memory.workspace.training = mode;
  const float* output = plan_.forward(inputs, n, memory.workspace);
  if (mode.batch_statistics && mode.update_statistics) plan_.update_statistics(memory.workspace);
  return output;
}

void GraphNetwork::backward(float* d_inputs, std::span<float> d_parameters, const float* d_output,
                            Memory& memory) const {
  std::fill(d_parameters.begin(), d_parameters.end(), 0.0F);
  plan_.backward(d_inputs, d_parameters.empty() ? nullptr : d_parameters.data(), d_output,
                 memory.workspace);
}

}  // namespace inoculate
