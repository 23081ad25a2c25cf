#include "certify/preprocessed_graph.h"

#include <utility>
#include <vector>

#include "nn/ops/kernel.h"

namespace inoculate {

Graph with_preprocessing(Graph graph, const ChannelMap& map) {
  bool in_order = true;
  for (std::size_t c = 0; c < map.from.size(); ++c) {
    in_order = in_order && map.from[c] == static_cast<int>(c);
  }
  std::vector<int> weights;
  if (in_order) {
    weights = {graph.add_weight(map.scale), graph.add_weight(map.shift)};
  } else {  // a matrix with one number in each row and column
    const std::size_t channels = map.from.size();
    std::vector<float> matrix(channels * channels);
    for (std::size_t c = 0; c < channels; ++c) {
      matrix[static_cast<std::size_t>(map.from[c]) * channels + c] = map.scale[c];
    }
    weights = {graph.add_weight(matrix), graph.add_weight(map.shift)};
  }
  for (Node& node : graph.nodes) {
    for (int& input : node.inputs) ++input;
  }
  graph.nodes.insert(graph.nodes.begin() + 1, Node{in_order ? &kAffine : &kDense,
                                                   {0},
                                                   weights,
                                                   graph.shape(0),
                                                   {},
                                                   {},
                                                   "preprocessing",
                                                   "Preprocessing"});
  ++graph.output;
  return graph;
}

}  // namespace inoculate
