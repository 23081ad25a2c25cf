// Where a training run begins: with first weights, or with a checkpoint.
#pragma once

#include <cstdint>

#include "native/training_run.h"

namespace inoculate {

/// A new run as the options have it, of `size` training images. Gives the network its first
/// weights. Throws UsageError when the options do not fit so many.
Checkpoint begin_run(const TrainingCommand& options, std::uint64_t seed, Network& network,
                     int size);

/// What the checkpoint of --resume says of its run, with the epochs and the weights to keep that
/// the options now ask for. Sets the network's weights. Throws Error when it is no checkpoint of
/// this sub-command's or its images are not there, and UsageError when it cannot go on that way.
Checkpoint resume_run(const TrainingCommand& options, const Safetensors& file, Network& network,
                      int size);

}  // namespace inoculate
