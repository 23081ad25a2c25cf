// A graph asked for what it gives, where that is no logits of classes.
#pragma once

#include <string>
#include <vector>

#include "base/shapes.h"
#include "nn/graph/plan.h"

namespace inoculate {

class GraphFunction {
 public:
  /// `name` is its file's, for messages.
  GraphFunction(Graph graph, std::string name);

  int inputs() const { return plan_.input_size(); }
  int outputs() const { return plan_.classes(); }
  /// What it gives [N, outputs] of inputs [N, inputs], on all threads. Throws Error where a number
  /// would not be finite.
  Matrix operator()(ConstMatrixRef inputs) const;

  /// What a forward pass leaves for backward, and the memory of both. Reusable for any inputs.
  struct Trace {
    Matrix inputs;
    std::vector<Plan::Workspace> slices;
  };
  /// The same, to go back from.
  Matrix forward(ConstMatrixRef inputs, Trace& trace) const;
  /// After a forward, any number of times: the gradient of its inputs [N, inputs] from that of its
  /// outputs [N, outputs].
  Matrix backward(const Matrix& d_outputs, Trace& trace) const;

 private:
  Plan plan_;
  std::string name_;
};

}  // namespace inoculate
