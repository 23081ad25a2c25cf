// Rows of grey images with a heading each: what a generator makes.
#pragma once

#include <string>
#include <vector>

#include "pictures/canvas.h"

namespace inoculate {

struct ImageRow {
  std::string heading;  ///< empty: the row goes on with the one above
  std::vector<GreyImage> images;
};

/// Draws the rows below `title`, with `footer` at the end, both broken into lines where they are
/// long. Images are scaled up by a whole factor; all are of the first one's size, at most 256
/// pixels a side, and there are at most 20 of them a row, in at most 40 rows.
Canvas draw_image_rows(const std::string& title, const std::vector<ImageRow>& rows,
                       const std::string& footer);

}  // namespace inoculate
