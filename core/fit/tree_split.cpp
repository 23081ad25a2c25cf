#include "fit/tree_split.h"

#include <algorithm>

#include "base/parallel.h"

namespace inoculate {
namespace {

// Counts of the classes among some images, and the sum of their squares.
class ClassCounts {
 public:
  explicit ClassCounts(int classes) : counts_(static_cast<std::size_t>(classes)) {}

  void add(std::size_t label) { squares_ += 2 * counts_[label]++ + 1; }
  void remove(std::size_t label) { squares_ -= 2 * counts_[label]-- - 1; }
  std::int64_t squares() const { return squares_; }

 private:
  std::vector<std::int64_t> counts_;
  std::int64_t squares_ = 0;
};

// The images of a node by the rank of one feature.
class Ordered {
 public:
  struct Entry {
    std::uint16_t rank;
    std::int32_t label;
  };

  // Sets the entries; false where all ranks are the same.
  bool read(const std::uint16_t* ranks, std::size_t values, const Labels& labels,
            std::span<const std::int32_t> rows) {
    entries_.resize(rows.size());
    std::uint16_t low = ranks[rows.front()], high = low;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::uint16_t rank = ranks[rows[i]];
      low = std::min(low, rank);
      high = std::max(high, rank);
      entries_[i] = {rank, labels[static_cast<std::size_t>(rows[i])]};
    }
    if (low == high) return false;
    if (rows.size() >= values) {
      count_sort(values);
    } else {
      std::sort(entries_.begin(), entries_.end(),
                [](const Entry& a, const Entry& b) { return a.rank < b.rank; });
    }
    return true;
  }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  void count_sort(std::size_t values) {
    ends_.assign(values + 1, 0);
    for (const Entry& entry : entries_) ++ends_[entry.rank + std::size_t{1}];
    for (std::size_t i = 1; i < ends_.size(); ++i) ends_[i] += ends_[i - 1];
    sorted_.resize(entries_.size());
    for (const Entry& entry : entries_) sorted_[ends_[entry.rank]++] = entry;
    entries_.swap(sorted_);
  }

  std::vector<Entry> entries_, sorted_;
  std::vector<std::size_t> ends_;
};

// Moves images from the right side to the left, rank by rank, and keeps the best place to stop.
void sweep(TreeSplit& best, int feature, const Ordered& ordered, const ClassCounts& all,
           int classes, std::size_t least) {
  ClassCounts left(classes), right = all;
  const auto& entries = ordered.entries();
  for (std::size_t i = 0; i + least < entries.size(); ++i) {
    const auto label = static_cast<std::size_t>(entries[i].label);
    left.add(label);
    right.remove(label);
    const std::size_t gone = i + 1;
    if (entries[i].rank == entries[gone].rank || gone < least) continue;
    const double score =
        static_cast<double>(left.squares()) / static_cast<double>(gone) +
        static_cast<double>(right.squares()) / static_cast<double>(entries.size() - gone);
    if (best.feature < 0 || score > best.score) best = {feature, entries[i].rank, score};
  }
}

}  // namespace

TreeSplit best_split(const PixelRanks& pixels, const Labels& labels, int classes,
                     std::span<const std::int32_t> rows, int least) {
  const auto side = static_cast<std::size_t>(least);
  if (rows.size() / 2 < side) return {};
  ClassCounts all(classes);
  for (const std::int32_t row : rows) {
    all.add(static_cast<std::size_t>(labels[static_cast<std::size_t>(row)]));
  }
  const auto features = static_cast<int>(pixels.values.size());
  const int parts = part_count(features);
  std::vector<TreeSplit> found(static_cast<std::size_t>(parts));
  parallel_for(parts, [&](int part) {
    Ordered ordered;
    TreeSplit& best = found[static_cast<std::size_t>(part)];
    for (int f = part_begin(features, parts, part); f < part_begin(features, parts, part + 1);
         ++f) {
      const std::size_t values = pixels.values[static_cast<std::size_t>(f)].size();
      if (ordered.read(pixels.of(f), values, labels, rows)) {
        sweep(best, f, ordered, all, classes, side);
      }
    }
  });
  TreeSplit best;
  for (const TreeSplit& split : found) {
    if (split.feature >= 0 && (best.feature < 0 || split.score > best.score)) best = split;
  }
  return best;
}

}  // namespace inoculate
