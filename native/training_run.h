// Training from first weights as a sub-command: its options, its files, and how it resumes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "native/command_line.h"
#include "native/commands.h"
#include "native/preprocess_options.h"
#include "native/shell.h"
#include "native/trainable_model.h"
#include "native/training_images.h"
#include "train/checkpoint.h"

namespace inoculate {

/// What the user asked for.
struct TrainingCommand {
  std::string name;  ///< of the sub-command
  TrainingSources sources;
  std::string from;  ///< the model to go on from; empty: first weights of `architecture`
  PreprocessOptions preprocess;
  bool freeze_statistics = false;
  std::string architecture = "simple_cnn";
  TrainingOptions training;
  std::string generator;      ///< whose images a method trains with; with a checkpoint, too
  std::optional<int> epochs;  ///< instead of those of `training`, or of the run that is resumed
  std::string range = ":";    ///< of the training images, A:B
  int held_out = 0;  ///< the last of them are kept for validation; with 0 it is on the test images
  /// Whether the weights of the epoch that withstood PGD best are the result; if not told, as in
  /// the run that is resumed, or for the methods that are judged by an attack.
  std::optional<bool> keep_best;
  std::string out;
  std::string log;
  std::string checkpoint;
  std::string resume;
};

/// Adds --data and the options of own images, --resume, --from, --architecture, --epochs,
/// --batch-size, --learning-rate, --train-range,
/// --out, --log and --checkpoint. Returns --resume, which excludes every option of the run itself
/// but --epochs.
Option add_training_options(Command command, TrainingCommand& options);

/// A finished run.
struct TrainedNetwork {
  TrainableModel model;
  TrainingOptions training;  ///< those of the run that was resumed, if one was
  TrainingRun run;
  LabelledImages test;  ///< or the images held out, where there are no others
  std::string command;  ///< that gives the same network again from a checkpoint; empty without one
};

/// Trains a network and writes logs and checkpoints, but not the weights. A log or a checkpoint of
/// an epoch that cannot be written is warned of once and does not end the run. A defence is
/// validated under PGD besides; where the best weights are kept, a collapse of that accuracy
/// (catastrophic overfitting) ends the run, unless epsilon still rises or training recovers from it
/// itself. On Ctrl-C and its like (see InterruptGuard, which must live) saves a checkpoint and
/// throws Interrupted with the command that goes on.
TrainedNetwork train_network(const TrainingCommand& options, const CommonOptions& common);

/// The command that makes the weights again, but for --data and --out: for the file that holds
/// them. A defence adds its own options.
CommandLine making_command(const TrainingCommand& options, const TrainedNetwork& trained);

}  // namespace inoculate
