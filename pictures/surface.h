// A height field seen from above at a slant, shaded.
#pragma once

#include <functional>
#include <vector>

#include "pictures/canvas.h"

namespace inoculate {

/// Draws the surface of shares [side * side] (0..1, rows from the back to the front) into `where`.
/// `color` says what colour the cell has whose corner of least x and y is (x, y).
void draw_surface(Canvas& canvas, const Rect& where, const std::vector<double>& shares, int side,
                  Color background, const std::function<Color(int x, int y)>& color);

}  // namespace inoculate
