// A function over two directions as a picture: a map with contours, and a shaded surface.
#pragma once

#include <string>
#include <vector>

#include "pictures/canvas.h"

namespace inoculate {

/// The function over a square grid.
struct LandscapePanel {
  std::string title;
  int side = 0;                 ///< Points along each direction, at least 2.
  std::vector<double> heights;  ///< [side * side], rows from the lowest b on; may be infinite.
  /// [side * side], or empty. If there are some the map shows these classes in colours, paler where
  /// `shares` (0..1, as many) are smaller; else it shows the heights.
  std::vector<int> classes = {};
  std::vector<double> shares = {};
};

struct LandscapePicture {
  std::string title;
  std::string footer;  ///< The settings; broken into lines where it is long.
  std::string height_label;
  double range = 1;  ///< The directions' coordinates go from -range to range.
  std::string x_label, y_label;
  /// The set |a| + |b| <= tip is drawn in where it is above 0: what lies within `tip` in L-inf of
  /// an image that is moved along two orthogonal directions of signs.
  double tip = 0;
  std::string tip_label = {};
  std::vector<std::string> class_names = {};  ///< None: the classes are their numbers.
  std::vector<LandscapePanel> panels;         ///< Side by side, heights on the same scale.
};

/// Maps in the upper row, surfaces in the lower one. Heights are shown by their logarithms where
/// the largest is more than 30 times the least above 0.
Canvas draw_landscape(const LandscapePicture& picture);

}  // namespace inoculate
