// The tutorial's experiment, step by step, and the honest ones beside it.
//
// A. Rosebrock, "Defending against adversarial image attacks with Keras and TensorFlow",
// PyImageSearch, 8 March 2021.
#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset.h"
#include "evaluate/defence.h"
#include "native/mnist.h"
#include "native/progress.h"
#include "nn/network.h"
#include "pictures/sheet.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

namespace inoculate {

inline constexpr float kReproductionEpsilon = 0.1F;

/// The tutorial's FGSM: mean squared error, pixels may leave 0..1.
FgsmOptions tutorial_attack();
/// The same step kept to valid images, on the cross-entropy.
FgsmOptions clipped_attack();

/// One fine-tuned network with its scores on the test images.
struct Defence {
  Network network;
  std::vector<EpochRecord> history;
  DefenceReport report;      ///< on all test images
  Evaluation fresh_clipped;  ///< a fresh attack that keeps to valid images
};

/// Runs a training to its end; throws Interrupted on Ctrl-C. With `validation` each epoch ends with
/// an evaluation on it.
std::vector<EpochRecord> train_or_stop(Trainer& trainer, const ExampleSource* validation,
                                       Progress& progress);

/// Scores a defence of the `undefended` network by an attack, and by the clipped one.
void score(Defence& defence, const Network& undefended, const LabelledImages& test,
           const FgsmOptions& attack);

/// All that was measured. Test images are all of the test split.
struct Reproduction {
  std::uint64_t seed = 0;
  Network network;  ///< trained, undefended
  std::vector<EpochRecord> history;
  DefenceReport before;       ///< of the undefended network, by the tutorial's attack
  Evaluation before_clipped;  ///< the same, by the clipped attack
  Defence tutorial;           ///< fine-tuned on adversaries of the test images it is scored on
  Defence held_out;           ///< the same defence made from training images
  Defence held_out_clipped;   ///< and with clipped adversaries; its report is by the clipped attack
  std::vector<SheetEntry> adversaries;
  double seconds = 0;         ///< of the tutorial's own steps: what its total time covers
  double seconds_in_all = 0;  ///< with the experiments it leaves out
};

/// Runs everything. Throws Interrupted on Ctrl-C.
Reproduction run_reproduction(const Dataset& train, const Dataset& test, int epochs,
                              std::uint64_t seed, Progress& progress);

}  // namespace inoculate
