// A network with its preprocessing as an operator before it, so that a ball is one of pixels.
#pragma once

#include "model/preprocessing.h"
#include "nn/graph/graph.h"

namespace inoculate {

/// The graph of network(prepared(map, pixels)).
Graph with_preprocessing(Graph graph, const ChannelMap& map);

}  // namespace inoculate
