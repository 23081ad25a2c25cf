#include "model/linear.h"

#include "nn/graph/build.h"

namespace inoculate {

Graph graph_of(const Linear& linear) {
  GraphBuilder graph(extents_of(linear.input));
  return graph.take(graph.dense(graph.flatten(0), linear.kernel, linear.bias));
}

}  // namespace inoculate
