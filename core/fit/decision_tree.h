// Growing a decision tree (CART: Breiman, Friedman, Olshen and Stone, "Classification and
// regression trees", 1984).
#pragma once

#include "model/tree.h"

namespace inoculate {

struct TreeFitOptions {
  int depth = 0;        ///< questions on the way to a leaf, at most; 0: as many as it takes
  int leaves = 0;       ///< leaves at most, at least 2; 0: as many as it takes
  int leaf_images = 1;  ///< training images of a leaf, at least
};

/// A tree of N labelled images [N, input], N at least 1, of labels 0..classes - 1. Each node asks
/// the question, of all pixels and all thresholds between two of their values, after which Gini's
/// impurity is least; of equal ones that of the first pixel and the least threshold, so that
/// nothing is random. Thresholds lie half-way between two values. It ends where all images of a
/// node are of one class or alike, and at the bounds of the options; with a bound for leaves the
/// node whose question helps most is asked first. Throws Error where a pixel has more than 65,536
/// different values.
Tree fit_tree(ConstMatrixRef images, const Labels& labels, const Shape& input, int classes,
              const TreeFitOptions& options);

}  // namespace inoculate
