// Networks of ours as graphs that are trained, and back.
#pragma once

#include "nn/graph/graph_network.h"
#include "nn/network.h"

namespace inoculate {

/// The same network, with the same numbers in the same order.
GraphNetwork graph_network_of(const Network& network);

/// Sets the network's weights to those of the graph that graph_network_of made of it, or of another
/// one of the same architecture. Throws Error where they do not fit.
void set_weights(Network& network, const GraphNetwork& graph);

}  // namespace inoculate
