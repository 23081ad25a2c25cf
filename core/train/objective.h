// What a step of training minimises, where that is more than a loss of a batch's logits.
#pragma once

#include <span>

#include "base/rng.h"
#include "base/shapes.h"
#include "model/trainable.h"

namespace inoculate {

/// A batch of examples, images [N, input] in 0..1 with labels [N], `epochs_done` epochs (with the
/// part of the current one) after the beginning of a run.
struct TrainingBatch {
  const Matrix& images;
  const Labels& labels;
  double epochs_done = 0;
};

class Objective {
 public:
  virtual ~Objective() = default;

  /// Sets losses [N], each example's, and d_parameters, the gradient of their mean, of the network
  /// of this moment. Returns its logits [N, classes], which stay until the next call. All that
  /// differs from step to step is in the arguments, so that runs can be resumed.
  virtual const float* gradient(std::span<float> d_parameters, float* losses, Trainable& network,
                                const TrainingBatch& batch, Rng& rng) = 0;
};

}  // namespace inoculate
