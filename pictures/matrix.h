// Tables of shares as pictures, the darker the larger: one model against another.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pictures/canvas.h"

namespace inoculate {

/// One table.
struct MatrixPanel {
  std::string title;
  std::vector<std::string> rows, columns;
  /// [row][column], 0..1; nothing where there is no value.
  std::vector<std::vector<std::optional<double>>> shares;
};

struct MatrixPicture {
  std::string title;
  std::string footer;  ///< broken into lines where it is long
  std::vector<MatrixPanel> panels;
};

/// Most rows and columns of a table that is drawn.
inline constexpr std::size_t kMostMatrixRows = 30;

/// Draws the panels, at least one, side by side: rows to the left, columns above, in each field its
/// share in per cent. Names longer than their room are cut. Every panel has at most kMostMatrixRows
/// rows and columns, and a share, or nothing, for each field.
Canvas draw_matrices(const MatrixPicture& picture);

}  // namespace inoculate
