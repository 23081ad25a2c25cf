// What a network must be for the engine, looked at before there are weights.
#pragma once

#include "nn/architecture.h"

namespace inoculate {

/// Throws Error, in one sentence that names the network and the layer, where the engine cannot
/// compute what an architecture describes. It computes convolutions, then dense layers, of which
/// the last gives the logits of 2 to 256 classes. A layer without a kernel follows one that has
/// one; after each kernel there is one rectifier at most, or several with nothing in between. Rows
/// that a convolution reads, with its kernel beside them, are masks of 64 bits; sizes and counts
/// are such that no product of them overflows.
void check_architecture(const Architecture& architecture);

}  // namespace inoculate
