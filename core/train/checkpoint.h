// A stopped training run as a file, from which it goes on as if it had never stopped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "data/safetensors.h"
#include "train/trainer.h"

namespace inoculate {

/// One line of a training log. Seconds are of training alone, without validation. The attacked
/// accuracy is that on fresh adversaries of the validation images, where the run makes some.
struct EpochRecord {
  int epoch = 0;
  double loss = 0;
  double accuracy = 0;
  double validation_loss = 0;
  double validation_accuracy = 0;
  double seconds = 0;
  std::optional<double> attacked_accuracy{};
};

/// What a run was besides its trainer: its examples [begin, end) of a data set, the last `held_out`
/// of which it validates on and does not learn, the epochs so far, and the best of their weights.
struct TrainingRun {
  int begin = 0;
  int end = 0;
  std::uint64_t fingerprint = 0;  ///< of the examples it learns, see fingerprint()
  std::vector<EpochRecord> history;
  int held_out = 0;
  bool keep_best = false;           ///< whether the best weights are its result, not the last
  std::vector<NamedTensor> best{};  ///< those, from the first epoch's end on
  std::string from{};               ///< the file it began with; empty: with first weights
  std::uint64_t from_fingerprint = 0;
  bool frozen_statistics = false;  ///< whether batch normalisation keeps its moving statistics
};

/// 64-bit FNV-1a hash of a data set's pixels and labels: tells whether a run goes on with its own
/// data.
std::uint64_t fingerprint(const Dataset& dataset);
/// The same of the bytes of a file, and of images that are floats.
std::uint64_t fingerprint(ByteView bytes);
std::uint64_t fingerprint(ConstMatrixRef images, const Labels& labels);

/// The whole of a run: the network's weights, Adam's moments, generators, options and history.
Safetensors save_checkpoint(const Trainer& trainer, const TrainingRun& run);

/// A checkpoint read back; `weights` are for set_weights, `state` for Trainer::restore.
struct Checkpoint {
  TrainingOptions options;
  TrainingRun run;
  TrainerState state;
  std::vector<NamedTensor> weights;
};

/// What the checkpoint of a run says of the file that it began with: its path, its fingerprint, and
/// TrainingRun::frozen_statistics. The path is empty where it began with first weights, or the
/// checkpoint is damaged.
struct CheckpointStart {
  std::string from;
  std::uint64_t fingerprint = 0;
  bool frozen_statistics = false;
};
CheckpointStart checkpoint_start(const Safetensors& file);

/// The method of the run that a file is a checkpoint of; none of a file that is none, such as one
/// of weights. Of a damaged checkpoint, plain training.
std::optional<TrainingMethod> checkpoint_method(const Safetensors& file);

/// Throws Error when the file is none of this network's checkpoints, or its numbers cannot be.
Checkpoint load_checkpoint(const Safetensors& file, const Trainable& network,
                           const std::string& name);

}  // namespace inoculate
