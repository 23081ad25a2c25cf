// Inoculation: light adversarial fine-tuning of a trained network.
#pragma once

#include <cstdint>
#include <vector>

#include "attack/threat_model.h"
#include "data/dataset.h"
#include "nn/network.h"
#include "train/trainer.h"

namespace inoculate::page {

/// The limits hold for what the page and its scripts may ask for.
struct InoculationSettings {
  int count = 1000;             ///< adversaries an epoch, 100..2,000
  float epsilon = 0.2F;         ///< of the FGSM that makes them, L-inf, 0..0.5
  int epochs = 5;               ///< 1..50
  float learning_rate = 1e-3F;  ///< of Adam, 1e-6..1e-2
  bool fresh = true;            ///< made anew each epoch, against the weights of that moment
  bool mix_clean = true;        ///< as many clean digits go with them
  std::uint64_t seed = 1;
  bool operator==(const InoculationSettings&) const = default;
};

/// One run, an optimiser step a call. Where more adversaries are wanted than there are digits, the
/// digits are taken again, shifted by a pixel. The network must outlive it.
class Inoculation {
 public:
  Inoculation(Network& network, const Dataset& digits, const InoculationSettings& settings);
  Inoculation(const Inoculation&) = delete;  // the trainer refers to the lessons
  Inoculation& operator=(const Inoculation&) = delete;

  bool finished() const { return trainer_.finished(); }
  int steps() const { return trainer_.steps_per_epoch() * settings_.epochs; }
  /// Makes the epoch's adversaries where they are due, and takes one step.
  TrainingProgress step();

 private:
  void make_adversaries();

  Network& network_;
  InoculationSettings settings_;
  Matrix clean_;  // [count, input]
  Labels clean_labels_;
  Matrix lessons_;  // [count or 2 count, input]: adversaries, and the clean digits
  Labels lesson_labels_;
  bool adversaries_due_ = true;
  Trainer trainer_;
};

}  // namespace inoculate::page
