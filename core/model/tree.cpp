#include "model/tree.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"

namespace inoculate {
namespace {

/// Whether the nodes are one tree: every node but the root has one parent, and comes from the root.
class TreeCheck {
 public:
  TreeCheck(const Tree& tree, const std::string& name)
      : tree_(tree), name_(name), parents_(tree.nodes.size(), kNone) {}

  void run() {
    if (tree_.nodes.empty()) throw Error(name_ + ": a tree has at least one node");
    for (int i = 0; i < count(); ++i) check_node(i);
    for (int i = 0; i < count(); ++i) {
      if (node(i).leaf >= 0) continue;
      for (const int child : {node(i).left, node(i).right}) adopt(i, child);
    }
    check_reached();
  }

 private:
  static constexpr int kNone = -1;

  int count() const { return static_cast<int>(tree_.nodes.size()); }
  const TreeNode& node(int i) const { return tree_.nodes[static_cast<std::size_t>(i)]; }
  int& parent(int i) { return parents_[static_cast<std::size_t>(i)]; }

  [[noreturn]] void refuse(int i, const std::string& what) const {
    throw Error(name_ + ": node " + std::to_string(i) + " " + what);
  }

  void check_node(int i) const {
    if (node(i).leaf >= 0) return;
    if (node(i).feature < 0 || node(i).feature >= tree_.input.size()) {
      refuse(i, "asks for feature " + std::to_string(node(i).feature) +
                    "; images have features 0 to " + std::to_string(tree_.input.size() - 1));
    }
    if (!std::isfinite(node(i).threshold)) refuse(i, "has a threshold that is not finite");
    for (const int child : {node(i).left, node(i).right}) {
      if (child >= 0 && child < count()) continue;
      refuse(i, "has a child " + std::to_string(child) + "; there are nodes 0 to " +
                    std::to_string(count() - 1));
    }
  }

  void adopt(int i, int child) {
    if (child == 0) refuse(i, "leads back to the root, node 0");
    if (parent(child) != kNone) {
      refuse(child, "is a child twice: of node " + std::to_string(parent(child)) + " and of node " +
                        std::to_string(i));
    }
    parent(child) = i;
  }

  // With one parent each, nodes that the root does not reach hang on one without a parent, or on a
  // cycle.
  void check_reached() {
    std::vector<bool> reached(tree_.nodes.size());
    std::vector<int> ahead{0};
    while (!ahead.empty()) {
      const int i = ahead.back();
      ahead.pop_back();
      reached[static_cast<std::size_t>(i)] = true;
      if (node(i).leaf < 0) ahead.insert(ahead.end(), {node(i).left, node(i).right});
    }
    const auto lost = std::find(reached.begin(), reached.end(), false);
    if (lost == reached.end()) return;
    int i = static_cast<int>(lost - reached.begin());
    for (int steps = 0; steps < count(); ++steps) {
      if (parent(i) == kNone) refuse(i, "is reached from nowhere");
      i = parent(i);
    }
    refuse(i, "is its own ancestor");
  }

  const Tree& tree_;
  const std::string& name_;
  std::vector<int> parents_;
};

Matrix logits_of_leaves(const Tree& tree) {
  const auto leaves = static_cast<Eigen::Index>(tree.counts.size()) / tree.classes;
  Matrix logits(leaves, tree.classes);
  for (Eigen::Index leaf = 0; leaf < leaves; ++leaf) {
    const Eigen::Map<const Eigen::ArrayXd> counts(tree.counts.data() + leaf * tree.classes,
                                                  tree.classes);
    // By the largest first, so that the sum of finite counts is finite.
    const Eigen::ArrayXd scaled = counts / counts.maxCoeff();
    logits.row(leaf) = (scaled / scaled.sum())
                           .max(TreeClassifier::kLeastProbability)
                           .log()
                           .cast<float>()
                           .matrix()
                           .transpose();
  }
  return logits;
}

}  // namespace

TreeClassifier::TreeClassifier(Tree tree, std::string name, std::vector<std::string> class_names) {
  TreeCheck(tree, name).run();
  leaf_logits_ = logits_of_leaves(tree);
  nodes_ = std::move(tree.nodes);
  spec_.name = std::move(name);
  spec_.input = tree.input;
  spec_.classes = tree.classes;
  spec_.class_names = std::move(class_names);
  spec_.gives = Knowledge::kProbabilities;
  spec_.kind = ModelKind::kTree;
}

Matrix TreeClassifier::logits(ConstMatrixRef images) const {
  Matrix logits(images.rows(), spec_.classes);
  parallel_for(static_cast<int>(images.rows()), [&](int i) {
    const TreeNode* node = &nodes_.front();
    while (node->leaf < 0) {
      const bool left = static_cast<double>(images(i, node->feature)) <= node->threshold;
      node = &nodes_[static_cast<std::size_t>(left ? node->left : node->right)];
    }
    logits.row(i) = leaf_logits_.row(node->leaf);
  });
  return logits;
}

void TreeClassifier::gradients(std::span<Matrix>, Matrix*, ConstMatrixRef,
                               std::span<const LogitGradient>) const {
  throw Error(spec_.name + ": is a decision tree, which has no gradients; take what needs none");
}

}  // namespace inoculate
