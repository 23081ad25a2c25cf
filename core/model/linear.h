// A linear classifier: a support vector machine (one against the rest), or logistic regression.
//
// It is a network of one dense layer, and asked as any other network is: a Graph of it makes a
// GraphClassifier, whose gradients are the differences of the kernel's columns.
#pragma once

#include <vector>

#include "base/shapes.h"

namespace inoculate {

struct Graph;

/// Logits = image * kernel + bias.
struct Linear {
  Shape input;
  int classes = 0;
  std::vector<float> kernel;  ///< [input, classes]
  std::vector<float> bias;    ///< [classes]
  bool is_svm = false;        ///< each class's logit was fitted against the rest: a hyperplane
};

/// The network that computes it.
Graph graph_of(const Linear& linear);

}  // namespace inoculate
