// Loss, accuracy and confusion of a network on labelled images.
#pragma once

#include <vector>

#include "base/shapes.h"
#include "evaluate/interval.h"
#include "model/classifier.h"
#include "train/examples.h"

namespace inoculate {

/// What a network makes of N labelled images.
struct Evaluation {
  int n = 0;
  int correct = 0;
  double loss = 0;  ///< mean categorical cross-entropy
  /// confusion[label][prediction] counts images; as many of both as the model has classes, or none
  /// where these are more than 4,096.
  std::vector<std::vector<int>> confusion;

  double accuracy() const { return static_cast<double>(correct) / n; }
  Interval accuracy_interval() const { return wilson_interval(correct, n); }
};

/// All examples of `source`, which must hold at least one; some at a time, so memory stays small.
/// Throws Error when a label is none of the network's classes.
Evaluation evaluate(const Classifier& model, const ExampleSource& source);

}  // namespace inoculate
