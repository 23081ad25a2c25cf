// A small network that the tests of bounds share.
#pragma once

#include "nn/graph/build.h"

namespace inoculate {

/// Strides, padding, both orders of normalisation and rectifier, a pool whose windows overlap.
inline Graph small_network() {
  Rng rng(3);
  GraphBuilder graph({8, 7, 2});
  int last = graph.relu(graph.conv(0, 5, {3, 2, 1}, rng));
  last = graph.batch_norm(last, 1e-3F);
  last = graph.relu(graph.batch_norm(graph.conv(last, 4, {2, 1, 0}, rng)));
  last = graph.max_pool(last, {2, 1, 0});
  last = graph.dropout(graph.relu(graph.dense(graph.flatten(last), 9, rng)), 0.5F);
  last = graph.dense(last, 4, rng);
  return graph.take(last);
}

}  // namespace inoculate
