// Curves as SVG that stands in a page and takes its colours from it.
#pragma once

#include <string>
#include <vector>

#include "pictures/curves.h"

namespace inoculate {

/// How many lines differ by colour, dashes and marks together.
inline constexpr std::size_t kSvgStyles = 6;

/// A mark on the chart beside its curves: the value of curve `curve` found in another way.
struct SvgMark {
  std::size_t curve = 0;
  double x = 0;
  double y = 0;
};

struct SvgSize {
  int width = 720;
  int height = 400;
  int label_width = 150;  ///< for the curves' names, right of the axes
};

/// Draws a chart whose x starts at 0, with a y range; names are escaped, and cut where they are
/// longer than the room for them. A line is told from the others by dashes and by its marks, too;
/// its name stands at its end. `marks` are drawn hollow, on an upright line through the first.
/// Classes for the page's style: axis, grid, mark, and s0 .. s5 for the lines.
std::string svg_chart(const Chart& chart, const std::vector<SvgMark>& marks, const SvgSize& size);

/// The same with areas for lines: of each curve what lies between it and the one before, or the end
/// of the axis; curves go up from the lowest. An area is named where it is high enough. Classes: b0
/// .. b2 for the areas.
std::string svg_areas(const Chart& chart, const SvgSize& size);

/// A short piece of the line numbered `curve`, for a legend.
std::string svg_swatch(std::size_t curve);

}  // namespace inoculate
