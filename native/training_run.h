// Training from first weights as a sub-command: its options, its files, and how it resumes.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "nn/network.h"
#include "train/checkpoint.h"

namespace inoculate {

/// What the user asked for.
struct TrainingCommand {
  std::string name;  ///< of the sub-command
  std::string data;
  std::string architecture = "simple_cnn";
  TrainingOptions training;
  std::string range = ":";  ///< of the training images, A:B
  int held_out = 0;  ///< the last of them are kept for validation; with 0 it is on the test images
  /// Whether the weights of the epoch that withstood PGD best are the result; if not told, as in
  /// the run that is resumed, or for the methods that are judged by an attack.
  std::optional<bool> keep_best;
  std::string out;
  std::string log;
  std::string checkpoint;
  std::string resume;
};

/// Adds --data, --resume, --architecture, --epochs, --batch-size, --learning-rate, --train-range,
/// --out, --log and
/// --checkpoint. Returns --resume, which excludes every option of the run itself.
CLI::Option& add_training_options(CLI::App& command, TrainingCommand& options);

/// A finished run.
struct TrainedNetwork {
  Network network;
  TrainingOptions training;  ///< those of the run that was resumed, if one was
  TrainingRun run;
  Dataset test;
};

/// Trains a network and writes logs and checkpoints, but not the weights. A defence is
/// validated under PGD besides; where the best weights are kept, a collapse of that accuracy
/// (catastrophic overfitting) ends the run, unless epsilon still rises or training recovers from it
/// itself. Throws Interrupted on Ctrl-C, after saving a checkpoint.
TrainedNetwork train_network(const TrainingCommand& options, std::uint64_t seed);

/// How the weights were made, for the file that holds them: the command that makes them again.
std::map<std::string, std::string> training_metadata(const TrainingCommand& options,
                                                     const TrainedNetwork& trained,
                                                     const std::string& more_options = "");

}  // namespace inoculate
