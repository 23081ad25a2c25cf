// How a picture is to be attacked: set by the visitor, a script or a link.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nn/loss.h"
#include "web/attack/methods.h"
#include "web/json/json.h"
#include "web/picture/strokes.h"

namespace inoculate::page {

inline constexpr float kLargestEpsilon = 0.5F;
inline constexpr int kMostSteps = 100;
inline constexpr int kLeastQueries = 50, kMostQueries = 10000;
inline constexpr int kMostPixels = 300;

/// A method heeds what it has a knob for, and all but the line the target.
struct AttackSettings {
  std::string method = "fgsm";  ///< of page_methods()
  float epsilon = 0.1F;         ///< L-inf, 0..kLargestEpsilon
  int steps = 10;               ///< 1..kMostSteps
  int queries = 1000;           ///< kLeastQueries..kMostQueries
  int pixel_budget = 40;        ///< 1..kMostPixels
  std::optional<int> target;    ///< the digit to be read; without one any wrong digit will do
  Loss loss = Loss::kCrossEntropy;
  std::uint64_t seed = 1;    ///< of what an attack draws, and of the noise shown beside it
  std::vector<Stroke> line;  ///< of kLineAttack, over the picture
  bool operator==(const AttackSettings&) const = default;
};

/// Without the hand-drawn line.
Json to_json(const AttackSettings& settings);

/// What is missing keeps its default. Throws Error when a key is unknown or a value out of range.
AttackSettings attack_settings(const Json& json);

/// "PGD, L-inf, epsilon 0.100, 10 steps, towards 3".
std::string settings_text(const AttackSettings& settings);

}  // namespace inoculate::page
