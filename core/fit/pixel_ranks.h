// Pixels as ranks among the values that each has, which is all that a decision tree compares.
#pragma once

#include <cstdint>
#include <vector>

#include "base/shapes.h"

namespace inoculate {

/// Of N images, feature by feature.
struct PixelRanks {
  std::size_t images = 0;
  std::vector<std::uint16_t> ranks;        ///< [input, N]
  std::vector<std::vector<float>> values;  ///< [input], rising: those that the ranks stand for

  const std::uint16_t* of(int feature) const {
    return ranks.data() + static_cast<std::size_t>(feature) * images;
  }
};

/// Of images [N, input]. Throws Error where a pixel has more than 65,536 different values.
PixelRanks rank_pixels(ConstMatrixRef images);

}  // namespace inoculate
