// Our own networks as a Trainable.
#pragma once

#include <memory>

#include "model/trainable.h"
#include "nn/network.h"

namespace inoculate {

/// Refers to `network`, which must outlive it.
std::unique_ptr<Trainable> trainable(Network& network);
/// Keeps the network.
std::unique_ptr<Trainable> trainable(Network&& network);

}  // namespace inoculate
