#include "model/linear.h"

#include "nn/graph/build.h"

namespace inoculate {

Graph graph_of(const Linear& linear) {
  const Shape& input = linear.input;
  GraphBuilder graph({input.h, input.w, input.c});
  return graph.take(graph.dense(graph.flatten(0), linear.kernel, linear.bias));
}

}  // namespace inoculate
