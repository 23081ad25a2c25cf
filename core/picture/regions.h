// Connected regions of pixels.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "picture/picture.h"

namespace inoculate {

struct Region {
  Box box;
  int pixels = 0;
  int near_edge = 0;  ///< how many of them lie within a sixth of the box from its edge
};

/// Regions of a mask, in which pixels touch along sides and corners.
struct Regions {
  std::vector<Region> all;
  std::vector<int> label;  ///< for each pixel its region's index, or -1
};

/// The regions of the pixels where `plane` is above `threshold`.
Regions find_regions(const Plane& plane, float threshold);

/// For each pixel the nearest pixel's label among those that are not -1, and the steps there (along
/// sides); -1 beyond `reach` steps.
struct Nearest {
  std::vector<int> label;
  std::vector<int> steps;
};
Nearest grow(const Regions& regions, int width, int height, int reach);

}  // namespace inoculate
