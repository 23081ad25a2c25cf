// What an attacker may do to an image, and what it is after.
#pragma once

#include <cstdint>
#include <optional>

#include "model/classifier.h"

namespace inoculate {

/// How the size of a perturbation is measured.
enum class Norm {
  kLinf,  ///< the largest change of any pixel
  kL2,    ///< the Euclidean length of the change
  kL1,    ///< the sum of all changes
  kL0,    ///< the number of values changed: in colour each of a pixel's three channels counts
};

/// A perturbation no larger than epsilon in the norm, and pixels within the range.
struct ThreatModel {
  Norm norm = Norm::kLinf;
  float epsilon = 0.1F;  ///< at least 0, in units of the norm; infinity sets no bound
  std::optional<ValueRange> range =
      ValueRange{};  ///< none: pixels may leave it, as in the tutorial
};

/// What counts as success: any wrong class, or the one class `target`; read with a probability of
/// at least `confidence`, in 0..1 (0: however unsure; the book's confident errors have 0.9).
struct Criterion {
  std::optional<int> target;
  float confidence = 0;
};

/// Whether logits [classes] of an image of class `label` are a success. Of equal logits the first
/// counts as the prediction.
bool meets(const Criterion& criterion, const float* logits, int classes, int label);

}  // namespace inoculate
