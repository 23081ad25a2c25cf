// What an attacker may do to an image.
#pragma once

#include <cstdint>
#include <optional>

namespace inoculate {

/// How the size of a perturbation is measured.
enum class Norm {
  kLinf,  ///< the largest change of any pixel
  kL2,    ///< the Euclidean length of the change
};

/// The pixels a valid image may have.
struct ValueRange {
  float low = 0;
  float high = 1;
};

/// A perturbation no larger than epsilon in the norm, and pixels within the range.
struct ThreatModel {
  Norm norm = Norm::kLinf;
  float epsilon = 0.1F;  ///< at least 0, in units of the pixels
  std::optional<ValueRange> range =
      ValueRange{};  ///< none: pixels may leave it, as in the tutorial
};

/// What counts as success: any wrong class, or the one class `target`.
struct Criterion {
  std::optional<std::uint8_t> target;
};

}  // namespace inoculate
