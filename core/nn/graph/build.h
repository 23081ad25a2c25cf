// Graphs that code builds, operator by operator, where others are read from files.
#pragma once

#include <vector>

#include "base/rng.h"
#include "nn/graph/graph.h"

namespace inoculate {

/// How the first numbers of a kernel are drawn.
enum class Initial {
  kGlorot,  ///< uniform in +-sqrt(6 / (inputs + outputs)) (Glorot & Bengio 2010, section 4.2.1)
  kHe,      ///< normal, with variance 2 / inputs (He et al. 2015, section 2.2)
};

/// Every function adds one operator and returns its node's number, which later ones take as `from`.
/// Nodes are called by their operator and how many of it there are: "dense2". Biases are 0 at
/// first.
class GraphBuilder {
 public:
  /// The input is node 0.
  explicit GraphBuilder(Extents input);

  /// All numbers of an image in one row, in H, W, C order.
  int flatten(int from);
  /// Product of the last axis with a kernel [in, units], and a bias [units].
  int dense(int from, int units, Rng& rng, Initial initial = Initial::kGlorot);
  /// The same with these numbers.
  int dense(int from, const std::vector<float>& kernel, const std::vector<float>& bias);

  int relu(int from);
  int leaky_relu(int from, float slope);  ///< slope at least 0, of what is below 0
  int sigmoid(int from);
  int tanh(int from);

  /// Of the value of a node.
  const Extents& shape(int node) const { return graph_.shape(node); }

  /// The graph, whose logits are those of node `output`. The builder is then empty.
  Graph take(int output);

 private:
  int add(const char* name, const char* op, const Kernel& kernel, int from, Extents shape,
          std::vector<int> weights = {}, const Attributes& attributes = {});
  int add_function(const char* name, const char* op, int from, float a = 0, float b = 0);

  Graph graph_;
};

}  // namespace inoculate
