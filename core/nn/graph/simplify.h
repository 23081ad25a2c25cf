// The same function in fewer operators, for who only asks: training needs the graph as it was read.
#pragma once

#include "nn/graph/graph.h"

namespace inoculate {

/// Makes batch normalisation by the moving statistics a scale and shift of channels, folds these
/// into the kernel of the convolution or product before them, leaves out dropout, and lets what
/// computes a value clip it too (ReLU, ReLU6), wherever nobody else reads what lay between. Nodes
/// keep their numbers; those that nobody needs any more stay behind unused.
Graph simplified(Graph graph);

}  // namespace inoculate
