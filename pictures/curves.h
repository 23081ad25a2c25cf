// Curves as a picture: loss and accuracy over the epochs, accuracy over epsilon and the like.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pictures/canvas.h"

namespace inoculate {

/// One line. Values that are not finite (or, on a logarithmic axis, not positive) leave a gap.
struct Curve {
  std::string name;
  std::vector<double> y;
  std::vector<double> x;  ///< As many as `y`, ascending; empty stands for 1, 2, 3, ...
};

/// One pair of axes with its lines.
struct Chart {
  std::string title;
  std::string x_label;
  std::string y_label;
  std::vector<Curve> curves;
  std::optional<std::pair<double, double>>
      y_range;         ///< Low and high; chosen from the data if none.
  bool log_y = false;  ///< Needs a positive `y_range` if one is given.
};

/// Draws the charts side by side, three to a row. Each line carries its name and last value at its
/// end, so no legend is needed. A chart without any value says so.
Canvas draw_charts(const std::vector<Chart>& charts);

}  // namespace inoculate
