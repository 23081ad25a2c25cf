// The bounds of a network's values as a graph of their own.
//
// Interval bound propagation: where every pixel lies within its own bounds, so does every value
// behind it. A linear layer maps the centre of a box as it maps an image, and the box's radius by
// the magnitudes of its weights; what only rises is asked at both ends (Gowal et al., "On the
// Effectiveness of Interval Bound Propagation for Training Verifiably Robust Models", 2018, section
// 3). Both are operators that there are, so that a graph of these has its forward, its gradients
// and its memory from the engine (graph/graph_network.h). Bounds are those of single precision,
// rounded to nearest: for training and for choosing, not for a proof (core/certify).
#pragma once

#include <vector>

#include "nn/graph/graph.h"

namespace inoculate {

/// A weight of the bounds, and what of the network it is worked out from.
struct BoundsWeight {
  enum How {
    kSame,            ///< a weight's numbers
    kMagnitude,       ///< and their magnitudes
    kScale,           ///< what a batch normalisation multiplies by: gamma / deviation
    kMagnitudeScale,  ///< its magnitude
    kShift,           ///< what it adds: beta - mean * scale
    kNone,            ///< of nothing: its numbers stay as they are
  };
  How how = kNone;
  int node = -1;    ///< of the network: the batch normalisation's
  int weight = -1;  ///< of the network; of a batch normalisation -1
};

struct BoundsGraph {
  /// The input of an image is [2 * input]: the centres of its pixels' bounds, then their radii. So
  /// is the output, of `features` values; perhaps, behind these, of what rising operators see.
  Graph graph;
  std::vector<BoundsWeight> weights;  ///< one a weight of the graph
  int features = 0;
  /// The dense layer of the network whose input the features are and whose output its logits: the
  /// bounds of differences of logits are tighter than differences of bounds. -1: the features are
  /// the logits.
  int last_dense = -1;
  /// By node of the network: the node that makes its centres of the centres of what it is given; -1
  /// where none does, as where it only rises.
  std::vector<int> linear;
  /// By node of the network: where in the output the bounds begin of what it sees; -1: not there.
  std::vector<int> seen;
};

/// Whether an operator is linear, with a kernel, its first weight, and perhaps a bias.
bool has_kernel(const Node& node);

/// The bounds of a network's graph as it is trained, not simplified; `with_seen`: and of what each
/// of its operators that only rise sees. Dropout drops nothing. Throws Error for an operator that
/// has no bounds here.
BoundsGraph bounds_graph(const Graph& network, bool with_seen = false);

}  // namespace inoculate
