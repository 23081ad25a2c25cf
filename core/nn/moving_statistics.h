// The moving statistics of batch normalisation without the values that they began with.
//
// Keras's moving averages start from mean 0 and variance 1. After t batches a share of
// momentum^t of them is still that start: 55 % after the 59 batches of an epoch of 1,024 images.
// Training does not mind, as it normalises by each batch's own statistics, but a network that is
// asked would be wrong. Kingma & Ba, "Adam", 2015, section 3, correct their moments likewise.
#pragma once

#include "nn/network.h"

namespace inoculate {

/// Whether all moving means are 0 and all variances 1, as Network::initialize leaves them: no batch
/// has gone into them.
bool has_first_statistics(const Network& network);

/// Takes the start out of moving statistics of which it makes up `share`, at least 0 and below 1:
/// (moving - share * start) / (1 - share), no variance below 0. Where the share is less than a
/// float can tell next to 1 and the statistics are no smaller than it, nothing changes.
void remove_first_statistics(Network& network, double share);

/// The fewest images whose statistics can be told apart from their values: 2 where a normalisation
/// has one value a channel and image, which of a single image leaves nothing but beta; else 1.
int least_batch(const Network& network);

}  // namespace inoculate
