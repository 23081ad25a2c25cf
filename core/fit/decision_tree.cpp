#include "fit/decision_tree.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <queue>
#include <utility>

#include "fit/tree_split.h"

namespace inoculate {
namespace {

class Grower {
 public:
  Grower(ConstMatrixRef images, const Labels& labels, const TreeFitOptions& options, Tree& tree)
      : pixels_(rank_pixels(images)), labels_(labels), options_(options), tree_(tree) {
    rows_.resize(labels.size());
    std::iota(rows_.begin(), rows_.end(), 0);
  }

  void grow() {
    add({0, rows_.size(), 0});
    const int most = options_.leaves == 0 ? std::numeric_limits<int>::max() : options_.leaves;
    for (int leaves = 1; leaves < most && !open_.empty(); ++leaves) {
      const Open open = open_.top();
      open_.pop();
      ask(open);
    }
    for (TreeNode& node : tree_.nodes) {
      if (node.left == 0) end(node);
    }
  }

 private:
  // Images rows_[begin..end) of a node.
  struct Place {
    std::size_t begin = 0, end = 0;
    int depth = 0;
  };

  // A node that may ask a question.
  struct Open {
    int node = 0;
    TreeSplit split;
    double gain = 0;

    // The queue gives the largest first: of equal gains the older node.
    bool operator<(const Open& other) const {
      return gain != other.gain ? gain < other.gain : node > other.node;
    }
  };

  std::span<const std::int32_t> rows_of(const Place& place) const {
    return std::span(rows_).subspan(place.begin, place.end - place.begin);
  }

  std::vector<double> counts_of(const Place& place) const {
    std::vector<double> counts(static_cast<std::size_t>(tree_.classes));
    for (const std::int32_t row : rows_of(place)) {
      ++counts[static_cast<std::size_t>(labels_[static_cast<std::size_t>(row)])];
    }
    return counts;
  }

  // Adds a node, and finds its question where it may have one.
  void add(const Place& place) {
    const auto number = static_cast<int>(tree_.nodes.size());
    tree_.nodes.emplace_back();
    places_.push_back(place);
    const std::vector<double> counts = counts_of(place);
    const double n = static_cast<double>(place.end - place.begin);
    const bool pure = *std::max_element(counts.begin(), counts.end()) == n;
    if (pure || (options_.depth > 0 && place.depth >= options_.depth)) return;
    const TreeSplit split =
        best_split(pixels_, labels_, tree_.classes, rows_of(place), options_.leaf_images);
    if (split.feature < 0) return;
    const double squares = std::inner_product(counts.begin(), counts.end(), counts.begin(), 0.0);
    open_.push({number, split, split.score - squares / n});
  }

  void ask(const Open& open) {
    const auto number = static_cast<std::size_t>(open.node);
    const Place place = places_[number];
    const TreeSplit& split = open.split;
    const std::uint16_t* ranks = pixels_.of(split.feature);
    const auto begin = rows_.begin() + static_cast<std::ptrdiff_t>(place.begin);
    const auto middle =
        std::stable_partition(begin, rows_.begin() + static_cast<std::ptrdiff_t>(place.end),
                              [&](std::int32_t row) { return ranks[row] <= split.rank; });
    const auto cut = static_cast<std::size_t>(middle - rows_.begin());
    // The threshold lies between the values that this node's images have.
    const auto above =
        *std::min_element(middle, rows_.begin() + static_cast<std::ptrdiff_t>(place.end),
                          [&](std::int32_t a, std::int32_t b) { return ranks[a] < ranks[b]; });
    const std::vector<float>& values = pixels_.values[static_cast<std::size_t>(split.feature)];
    const auto low = static_cast<double>(values[split.rank]);
    const auto high = static_cast<double>(values[ranks[above]]);
    const auto left = static_cast<int>(tree_.nodes.size());
    tree_.nodes[number] = {split.feature, low / 2 + high / 2, left, left + 1, -1};
    add({place.begin, cut, place.depth + 1});
    add({cut, place.end, place.depth + 1});
  }

  void end(TreeNode& node) {
    const auto number = static_cast<std::size_t>(&node - tree_.nodes.data());
    node.leaf = leaves_++;
    const std::vector<double> counts = counts_of(places_[number]);
    tree_.counts.insert(tree_.counts.end(), counts.begin(), counts.end());
  }

  PixelRanks pixels_;
  const Labels& labels_;
  const TreeFitOptions& options_;
  Tree& tree_;
  std::vector<std::int32_t> rows_;
  std::vector<Place> places_;  // one a node
  std::priority_queue<Open> open_;
  int leaves_ = 0;
};

}  // namespace

Tree fit_tree(ConstMatrixRef images, const Labels& labels, const Shape& input, int classes,
              const TreeFitOptions& options) {
  Tree tree{input, classes, {}, {}};
  Grower(images, labels, options, tree).grow();
  return tree;
}

}  // namespace inoculate
