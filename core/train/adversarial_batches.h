// The tutorial's generator of adversarial batches.
#pragma once

#include <cstdint>
#include <vector>

#include "attack/fgsm.h"
#include "base/rng.h"
#include "base/shapes.h"
#include "model/trainable.h"
#include "train/examples.h"

namespace inoculate {

/// Adversaries with the true labels of the images they were made from.
struct AdversarialBatch {
  Matrix adversaries;  // [N, input]
  Labels labels;       // [N]
};

/// Endless batches of FGSM adversaries: each draws N images without replacement, in random order,
/// and attacks them in one pass against the weights of that moment. The network must outlive it.
class AdversarialBatches {
 public:
  /// `size`, the N of a batch, lies in [1, source.size].
  AdversarialBatches(const Trainable& network, ExampleSource source, int size,
                     const FgsmOptions& options, std::uint64_t seed);

  AdversarialBatch next();

 private:
  const Trainable& network_;
  ExampleSource source_;
  int size_;
  FgsmOptions options_;
  Rng rng_;
  std::vector<std::int32_t> order_;
};

}  // namespace inoculate
