// A graph whose parameters are trained: its numbers of this moment, and their gradients.
//
// Asking is Plan's, of a simplified graph. Here the graph stays as it was read or built, and batch
// normalisation may use the moments of the batch.
#pragma once

#include <cstdint>
#include <span>

#include "nn/graph/graph.h"
#include "nn/graph/plan.h"

namespace inoculate {

class GraphNetwork {
 public:
  /// What differs between training and asking.
  using Mode = TrainingMode;

  /// What a forward pass leaves for backward, and the memory of both. Reusable for any batch.
  struct Memory {
    Plan::Workspace workspace{Passes::kTraining};
  };

  /// Throws Error where an operator has no gradient by its parameters, or where none goes through
  /// it to those before it.
  explicit GraphNetwork(Graph graph);

  /// With the numbers of this moment: Graph::values holds the parameters, then the statistics, then
  /// what else there is.
  const Graph& graph() const { return plan_.graph(); }
  int input_size() const { return plan_.input_size(); }
  int output_size() const { return plan_.classes(); }

  /// All Weights that are parameters, and all that are moving statistics, as one vector each, in
  /// the order of Graph::weights. What is written through a span counts from the next forward on
  /// that follows the call which gave it.
  std::span<float> parameters();
  std::span<const float> parameters() const;
  std::span<float> statistics();
  std::span<const float> statistics() const;

  /// Output [n, output] of the graph's last node for inputs [n, input], in `memory` until its next
  /// use. The inputs must stay as they are until the last backward. Throws Error where a batch's
  /// moments are those of a single number.
  const float* forward(const float* inputs, int n, const Mode& mode, Memory& memory);

  /// After a forward, any number of times: sets d_inputs [n, input] unless null, and d_parameters,
  /// laid out as parameters(), unless empty, from d_output [n, output].
  void backward(float* d_inputs, std::span<float> d_parameters, const float* d_output,
                Memory& memory) const;

  /// After a forward: a node for who runs its kernel on values of his own (Plan::pass).
  Pass pass(int node, std::size_t n) const { return plan_.pass(node, n); }

  /// What the last forward of `memory` left of a batch normalisation (nn/ops/batch_moments.h).
  double* saved(int node, Memory& memory) const { return plan_.saved(node, memory.workspace); }

 private:
  Plan plan_;
  std::size_t parameters_ = 0, statistics_ = 0;
  bool has_changed_ = false;  // the parameters, perhaps, since they were prepared
};

}  // namespace inoculate
