// Networks of ours as graphs that are trained, and back.
#pragma once

#include "nn/graph/graph_network.h"
#include "nn/network.h"

namespace inoculate {

/// The same network, with the same numbers. Throws Error as onnx_model does.
GraphNetwork graph_network_of(const Network& network);

/// Sets the network's weights to those of the graph that graph_network_of made of it, or of another
/// one of the same architecture and an input of one channel.
void set_weights(Network& network, const GraphNetwork& graph);

}  // namespace inoculate
