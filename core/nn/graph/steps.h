// Which nodes of a graph a reader would call its layers.
#pragma once

#include "nn/graph/graph.h"

namespace inoculate {

/// Whether a node does something that the file asks for: reshapes do not, nor does what only brings
/// numbers into the order that another operator needs.
bool is_step(const Node& node);

}  // namespace inoculate
