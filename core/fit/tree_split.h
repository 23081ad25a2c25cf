// The best question for some images: what a decision tree is grown by.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fit/pixel_ranks.h"

namespace inoculate {

/// Images whose rank of `feature` is at most `rank` go one way, all others the other.
struct TreeSplit {
  int feature = -1;  ///< none: no question parts the images
  std::uint16_t rank = 0;
  /// The sum over both sides of: squares of the classes' counts, added up and divided by the count
  /// of all. Gini's impurity of the sides, weighted by their images, is N less it.
  double score = 0;
};

/// The split with the highest score of the images `rows`, of which either side has at least
/// `least`; of equal ones that of the first feature and the lowest rank.
TreeSplit best_split(const PixelRanks& pixels, const Labels& labels, int classes,
                     std::span<const std::int32_t> rows, int least);

}  // namespace inoculate
