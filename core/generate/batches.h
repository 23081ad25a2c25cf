// What the trainings of generators have in common: epochs of shuffled batches.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "train/examples.h"

namespace inoculate {

struct GeneratorTraining {
  int epochs = 20;       ///< at least 1
  int batch_size = 128;  ///< images of a step of Adam; at least 1
  float learning_rate = 1e-3F;
  std::uint64_t seed = 1;
};

/// Two figures of a training, which says what they are.
using GeneratorFigures = std::array<double, 2>;

struct GeneratorProgress {
  int epoch = 0, epochs = 0;  ///< from 1
  int step = 0, steps = 0;    ///< of the epoch
  GeneratorFigures means{};   ///< over the epoch's images so far

  bool epoch_ended() const { return step == steps; }
};

/// Called after every step; false ends the training, which then gives nothing.
using OnGeneratorStep = std::function<bool(const GeneratorProgress&)>;

/// Calls body(images, labels) for the batches of all epochs, whose sums of figures over the batch
/// it gives. Batches are shuffled anew each epoch, by the seed. Returns whether all were had.
bool for_each_batch(const ExampleSource& source, const GeneratorTraining& training,
                    const std::function<GeneratorFigures(const Matrix&, const Labels&)>& body,
                    const OnGeneratorStep& on_step);

}  // namespace inoculate
