// Networks of ours as graphs, and back.
#pragma once

#include "nn/batch_norm.h"
#include "nn/graph/graph_network.h"
#include "nn/network.h"

namespace inoculate {

/// The same network, with the same numbers in the same order, and layers called as its own. In
/// training a batch normalisation's moving statistics keep `momentum` of what they were.
Graph graph_of(const Network& network, float momentum = kBatchNormMomentum);

/// To be trained. Its moving statistics keep PyTorch's 0.9, where Keras has 0.99, so that what they
/// begin with is soon forgotten.
GraphNetwork graph_network_of(const Network& network);

/// Sets the network's weights to those of the graph that graph_network_of made of it, or of another
/// one of the same architecture. Throws Error where they do not fit.
void set_weights(Network& network, const GraphNetwork& graph);

}  // namespace inoculate
