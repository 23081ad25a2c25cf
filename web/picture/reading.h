// What a network makes of one picture.
#pragma once

#include <array>
#include <span>
#include <string>

#include "model/classifier.h"

namespace inoculate::page {

inline constexpr int kDigits = 10;

struct Reading {
  std::array<float, kDigits> probabilities{};  ///< softmax of the logits
  std::array<int, kDigits> ranking{};          ///< classes, the most probable first

  int best() const { return ranking[0]; }
  float confidence() const { return probabilities[static_cast<std::size_t>(ranking[0])]; }
  float probability(int digit) const { return probabilities[static_cast<std::size_t>(digit)]; }
};

/// The reading that ten logits are. Throws Error when one of them is not finite.
Reading reading_of(std::span<const float> logits);

/// Reads a picture of 784 values. Throws Error when the network's answer is not finite.
Reading read_picture(const Classifier& model, std::span<const float> picture);

/// "7 (98.2 %), 1 (1.1 %), 9 (0.4 %)".
std::string top_three(const Reading& reading);

/// A share in 0..1 with one decimal, "98.2 %"; what is neither none nor all is not rounded to it.
std::string percent_text(double share);

}  // namespace inoculate::page
