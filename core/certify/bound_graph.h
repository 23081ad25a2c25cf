// A network made ready for bounds: what every operator is (nn/ops/form.h), and how much single
// precision may miss its value by.
#pragma once

#include <string>
#include <vector>

#include "certify/region.h"
#include "nn/graph/graph.h"
#include "nn/ops/form.h"

namespace inoculate {

/// What bounds hold for.
enum class Arithmetic {
  kReal,     ///< the network as a function of real numbers
  kFloat32,  ///< and as single precision computes it, with sums in any order and operators that
             ///< follow each other folded into one or not
};

/// One operator whose value the logits depend on.
struct BoundNode {
  bool used = false;
  Form form;
  Shape grid;                           ///< of its value
  std::vector<double> absolute_kernel;  ///< magnitudes of a ConvForm's kernel
  /// The roundings of single precision on the way of one term of a linear operator into its sum.
  double roundings = 0;
  /// As many, at least, are those of double precision when a bound goes through, there or back.
  double terms = 0;
  bool feeds_nonlinear = false;  ///< a PointwiseForm or an ExtremumForm reads it

  bool is_linear() const {
    return std::holds_alternative<SparseForm>(form) || std::holds_alternative<ConvForm>(form);
  }
};

class BoundGraph {
 public:
  /// `name` is the model's. Throws Error, which names model, node and operator, where one cannot be
  /// bounded. The graph must be as it was read or built, not simplified.
  BoundGraph(Graph graph, const std::string& name, Arithmetic arithmetic = Arithmetic::kFloat32);

  const Graph& graph() const { return graph_; }
  const BoundNode& node(int number) const { return nodes_[static_cast<std::size_t>(number)]; }
  Arithmetic arithmetic() const { return arithmetic_; }
  int input_size() const { return size_of(graph_.shape(0)); }
  int classes() const { return size_of(graph_.shape(graph_.output)); }

 private:
  Graph graph_;
  Arithmetic arithmetic_;
  std::vector<BoundNode> nodes_;
};

}  // namespace inoculate
