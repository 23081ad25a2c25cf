// Where a training run begins: with first weights, or with a checkpoint.
#pragma once

#include <cstdint>

#include "native/training_run.h"

namespace inoculate {

/// The network that a new run begins with: that of --from, or with first weights. Throws as
/// load_trainable() does.
TrainableModel begin_with(const TrainingCommand& options, std::uint64_t seed);

/// The network of a checkpoint's run, without its weights: an ONNX network is read from its file.
/// Throws Error when that is another one now.
TrainableModel go_on_with(const TrainingCommand& options, const Safetensors& checkpoint);

/// A new run as the options have it, of `size` training images. Throws UsageError when the options
/// do not fit so many.
Checkpoint begin_run(const TrainingCommand& options, std::uint64_t seed,
                     const TrainableModel& model, int size);

/// What the checkpoint of --resume says of its run, with the epochs and the weights to keep that
/// the options now ask for. Sets the network's weights. Throws Error when it is no checkpoint of
/// this sub-command's or its images are not there, and UsageError when it cannot go on that way.
Checkpoint resume_run(const TrainingCommand& options, const Safetensors& file, Trainable& network,
                      int size);

}  // namespace inoculate
