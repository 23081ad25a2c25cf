// A decision tree (CART: Breiman, Friedman, Olshen and Stone, "Classification and regression
// trees", 1984): a question about one pixel at every node, and at a leaf the classes of the
// training images that came to it.
#pragma once

#include <string>
#include <vector>

#include "model/classifier.h"

namespace inoculate {

struct TreeNode {
  /// An image whose pixel `feature` (counted in H, W, C order) is at most `threshold` goes left.
  /// Pixels are floats and the threshold a double, as in scikit-learn.
  int feature = 0;
  double threshold = 0;
  int left = 0, right = 0;  ///< numbers of nodes
  int leaf = -1;            ///< a row of Tree::counts; not of a leaf: -1
};

struct Tree {
  Shape input;
  int classes = 0;
  std::vector<TreeNode> nodes;  ///< the first is the root
  std::vector<double> counts;   ///< [leaves, classes], weights of training images; rows not all 0
};

/// Gives away probabilities: a leaf's shares of the classes. It has no gradients.
class TreeClassifier : public Classifier {
 public:
  /// The probability of a class that no image of a leaf had: logits, which are the probabilities'
  /// logarithms, are finite by it. A float cannot tell 1 from 1 less half of it.
  static constexpr double kLeastProbability = 1e-7;

  /// Throws Error, which names the node, where the nodes are not one tree, or one asks for a pixel
  /// that images do not have or has a threshold that is not finite. `name` is the file's.
  TreeClassifier(Tree tree, std::string name, std::vector<std::string> class_names = {});

  const ModelSpec& spec() const override { return spec_; }
  const std::vector<TreeNode>& nodes() const { return nodes_; }
  const Matrix& leaf_logits() const { return leaf_logits_; }  ///< [leaves, classes]
  Matrix logits(ConstMatrixRef images) const override;
  [[noreturn]] void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                              std::span<const LogitGradient> objectives) const override;

 private:
  ModelSpec spec_;
  std::vector<TreeNode> nodes_;
  Matrix leaf_logits_;  // [leaves, classes]
};

}  // namespace inoculate
