// What a landscape's heights are shown by: shares of a scale, colours, contours.
#pragma once

#include <vector>

#include "pictures/canvas.h"

namespace inoculate {

/// The scale of heights, linear or logarithmic.
struct HeightScale {
  double low = 0, high = 1;
  bool logarithmic = false;

  /// Where a height stands: 0 at `low` or below, 1 at `high` or above; 1 for what is not finite.
  double share(double height) const;
  /// The height at a share.
  double height(double share) const;
};

/// The scale of all finite heights, from the least to the largest. It is logarithmic where the
/// largest is more than 30 times the least, and goes down by four decades at most.
HeightScale scale_of(std::vector<double> heights);

/// Dark blue (0) through green to pale yellow (1).
Color height_color(double share);

/// Heights at which contours are drawn.
std::vector<double> contour_heights(const HeightScale& scale);

/// A piece of a contour, in units of the grid: x and y from 0 to side - 1.
struct ContourPiece {
  Point from, to;
};

/// The contour of shares [side * side] at `level`, cell by cell (marching squares).
std::vector<ContourPiece> contour(const std::vector<double>& shares, int side, double level);

}  // namespace inoculate
