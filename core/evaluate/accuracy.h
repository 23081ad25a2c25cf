// Loss, accuracy and confusion of a network on labelled images.
#pragma once

#include <array>

#include "base/shapes.h"
#include "evaluate/interval.h"
#include "nn/network.h"
#include "train/examples.h"

namespace inoculate {

/// What a network makes of N labelled images.
struct Evaluation {
  static constexpr int kClasses = 10;

  int n = 0;
  int correct = 0;
  double loss = 0;  ///< mean categorical cross-entropy
  /// confusion[label][prediction] counts images.
  std::array<std::array<int, kClasses>, kClasses> confusion{};

  double accuracy() const { return static_cast<double>(correct) / n; }
  Interval accuracy_interval() const { return wilson_interval(correct, n); }
};

/// All examples of `source`, which must hold at least one; some at a time, so memory stays small.
Evaluation evaluate(const Network& network, const ExampleSource& source);

}  // namespace inoculate
