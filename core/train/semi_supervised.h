// Training from few labels and many images without: cross-entropy of the one, virtual adversarial
// training of the other. Miyato et al. 2018, section 4.2 (MNIST).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "data/dataset.h"
#include "nn/graph/graph_network.h"
#include "train/vat.h"

namespace inoculate {

/// Which images of a training set are used how, by their numbers in it.
struct LabelSplit {
  std::vector<std::int32_t> labelled;    ///< as many of each class
  std::vector<std::int32_t> validation;  ///< held out, with labels
  std::vector<std::int32_t> unlabelled;  ///< all but those held out; the labelled ones too
};

/// Draws `labelled` images, the same number of each class (labels 0..classes-1), and `validation`
/// others. Throws Error where there are too few, or `labelled` is no multiple of `classes`.
LabelSplit split_labels(const Labels& labels, int classes, int labelled, int validation,
                        std::uint64_t seed);

struct SemiSupervisedOptions {
  int labelled_batch = 64, unlabelled_batch = 256;
  int updates = 100000;
  float learning_rate = 0.002F;  ///< of Adam, at first
  float decay = 0.9F;            ///< times this after every decay_every updates
  int decay_every = 500;
  std::uint64_t seed = 1;
  std::optional<VatOptions> vat = VatOptions{};  ///< none: the labelled images alone
};

/// After an update: how many there were, and losses of its batches.
struct SemiSupervisedStep {
  int updates = 0;
  double cross_entropy = 0;
  VatLoss vat = {};
};

/// Trains the network on bytes / 255 of `dataset`, whose labels it reads of split.labelled alone.
/// Moving statistics follow the labelled batches. Every epoch takes a batch from a new order of all
/// of its images. Returns false where `on_step`, called after each update, ended it. The same seed
/// gives the same network on any number of threads. Throws Error where a loss is not finite any
/// more.
bool train_semi_supervised(GraphNetwork& network, const Dataset& dataset, const LabelSplit& split,
                           const SemiSupervisedOptions& options,
                           const std::function<bool(const SemiSupervisedStep&)>& on_step = nullptr);

}  // namespace inoculate
