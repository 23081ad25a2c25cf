// The attack on the visitor's picture, quick enough to follow a slider.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nn/loss.h"
#include "nn/network.h"
#include "web/app/pad.h"
#include "web/app/reading.h"

namespace inoculate::page {

/// The attack drawn by hand; the other methods are "fgsm" and "bim".
inline constexpr const char* kLineAttack = "line";
inline constexpr float kLargestEpsilon = 0.5F;
inline constexpr int kMostSteps = 100;

struct AttackSettings {
  std::string method = "fgsm";
  float epsilon = 0.1F;       ///< L-inf, 0..kLargestEpsilon
  int steps = 10;             ///< of an iterated method, 1..kMostSteps
  std::optional<int> target;  ///< the digit to be read; without one any wrong digit will do
  Loss loss = Loss::kCrossEntropy;
  std::uint64_t seed = 1;    ///< of the random noise shown beside the attack
  std::vector<Stroke> line;  ///< of kLineAttack, over the picture
  bool operator==(const AttackSettings&) const = default;
};

/// A changed picture, and what the network makes of it.
struct ChangedPicture {
  Picture pixels;
  Reading reading;
};

struct AttackOutcome {
  int label = 0;  ///< the class attacked: the picture's own, or else the network's reading of it
  ChangedPicture original;
  ChangedPicture adversary;
  ChangedPicture noise;  ///< random, of the same size: random signs, for a line of the same length
  float largest_change = 0;  ///< of any pixel: the L-inf distance
  float l2 = 0;              ///< the L2 distance
  bool success = false;      ///< the adversary is read as the target; without one, wrongly
};

/// Attacks `picture` (784 values, not empty) of class `label`.
AttackOutcome attack_picture(const Network& network, const Picture& picture, int label,
                             const AttackSettings& settings);

/// The adversary alone, at another epsilon than that of the settings.
Picture adversary_of(const Network& network, const Picture& picture, int label,
                     const AttackSettings& settings, float epsilon);

/// Whether a reading is what the attack wants.
bool is_success(const Reading& reading, int label, const AttackSettings& settings);

/// The least epsilon, to a thousandth, at which the attack succeeds: a scan of epsilons up to
/// kLargestEpsilon, then bisection below the first success. None if there is none. Not for a line.
std::optional<float> smallest_epsilon(const Network& network, const Picture& picture, int label,
                                      const AttackSettings& settings);

/// How the probabilities go as epsilon grows.
struct EpsilonSweep {
  std::vector<float> epsilons;
  std::vector<Reading> readings;  ///< of the adversary at each
};

/// Adversaries at `points` epsilons from 0 to kLargestEpsilon. Not for a line.
EpsilonSweep sweep_epsilon(const Network& network, const Picture& picture, int label,
                           const AttackSettings& settings, int points);

}  // namespace inoculate::page
