// Our own networks on the graph engine, as a Trainable: for what works on all their values.
#pragma once

#include <memory>

#include "model/trainable.h"
#include "nn/network.h"

namespace inoculate {

/// The network, asked and written as one of ours, and trained as a graph: batch normalisation
/// follows the batches as graph_network_of has it.
std::unique_ptr<Trainable> graph_trainable(Network network);

}  // namespace inoculate
