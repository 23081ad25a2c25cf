// Training runs as the command drives them: progress on stderr, Ctrl-C, validation, logs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "native/progress.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

namespace inoculate {

/// Called after each epoch with its record, for checkpoints and logs; false ends the run there.
using OnEpoch = std::function<bool(const EpochRecord&)>;

/// What a network is worth in the worst case, which the best weights of a run are chosen by.
struct WorstCaseCheck {
  std::string name = "attacked";  ///< or "certified": for progress and logs
  std::function<double(const Trainable&)> accuracy = nullptr;  ///< in 0..1; null: none is checked
};

/// Throws UsageError when batches of that size, of `examples` images, are too small for what the
/// network normalises by.
void require_batch(const Trainable& network, int batch_size, int examples);

/// Runs `trainer` to its end, or until Ctrl-C, in which case it returns false after a whole step.
/// With `validation` every epoch ends with an evaluation on it, and with the check. Records go to
/// `history`.
bool run_training(Trainer& trainer, const ExampleSource* validation, Progress& progress,
                  std::vector<EpochRecord>& history, const OnEpoch& on_epoch = nullptr,
                  const WorstCaseCheck& check = {});

/// Seconds of training in all, validation left out.
double total_seconds(const std::vector<EpochRecord>& history);
/// The mean of those, 0 without any.
double mean_seconds(const std::vector<EpochRecord>& history);

/// A CSV with a heading, a line an epoch; with the accuracy of a check of that name if any epoch
/// has one.
Bytes to_csv(const std::vector<EpochRecord>& history, const std::string& check = "attacked");

}  // namespace inoculate
