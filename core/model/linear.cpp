#include "model/linear.h"

#include "nn/graph/graph.h"
#include "nn/ops/kernel.h"

namespace inoculate {

Graph graph_of(const Linear& linear) {
  const Shape& input = linear.input;
  Graph graph;
  const int kernel = graph.add_weight(linear.kernel, true);
  const int bias = graph.add_weight(linear.bias, true);
  graph.nodes.push_back({nullptr, {}, {}, {input.h, input.w, input.c}, {}, {}, "image", "Input"});
  graph.nodes.push_back({&kReshape, {0}, {}, {input.size()}, {}, {}, "flatten", "Flatten"});
  graph.nodes.push_back({&kDense, {1}, {kernel, bias}, {linear.classes}, {}, {}, "dense", "Dense"});
  graph.output = 2;
  return graph;
}

}  // namespace inoculate
