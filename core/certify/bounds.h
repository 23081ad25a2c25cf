// Interval bounds of every value of a network, for all images of a box (Gowal et al., "On the
// Effectiveness of Interval Bound Propagation for Training Verifiably Robust Models", 2018).
//
// What is stated: with Arithmetic::kFloat32, every number that the engine computes lies between its
// bounds, for every image of the box, whatever the order of its sums and whether operators that
// follow each other are folded (graph/simplify.h, nn/frozen_network.h). For this every linear
// operator gets a margin. A sum of products with k roundings on the way of each term misses the
// exact sum by at most gamma(k) = k u / (1 - k u) of the terms' magnitudes, u = 2^-24 (Higham,
// "Accuracy and Stability of Numerical Algorithms", 2002, section 3.1). The magnitudes are `mass`:
// where linear operators follow each other it is not that of the values between them, which cancel,
// but that of all terms, so that it holds too where two are folded into one. The same margin, with
// u = 2^-53 beside it, holds what is lost here, where bounds are computed in double precision.
//
// Assumed: IEEE arithmetic, rounding to nearest; of underflow no more than that it gives less than
// 2^-126; exp and tanh of the standard library right to the units nn/ops/unary_form.cpp has.
#pragma once

#include <vector>

#include "base/shapes.h"
#include "certify/bound_graph.h"

namespace inoculate {

/// Of one value, for n images.
struct ValueBounds {
  RealMatrix low, high;  ///< [n, size]
  RealMatrix mass;       ///< [n, size]: see above; at least the magnitude of what lies between them
  /// [n, size]: by how much, at most, the value misses what the operator exactly gives of its
  /// inputs as they were computed. Already within low and high.
  RealMatrix margin;
  double roundings = 0;  ///< on the way of a term since the last nonlinear operator
};

/// By number of node; those that nothing depends on stay empty.
using GraphBounds = std::vector<ValueBounds>;

/// Of images whose pixels lie between low and high, both [n, input].
ValueBounds box_bounds(RealMatrix low, RealMatrix high);

/// Of one node from those of its inputs, which `known` holds.
ValueBounds interval_of(const BoundGraph& graph, int node, const GraphBounds& known);

/// Of all nodes.
GraphBounds interval_bounds(const BoundGraph& graph, ValueBounds input);

}  // namespace inoculate
