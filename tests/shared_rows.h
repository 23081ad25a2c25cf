// Positions, and the rows that they share.
#pragma once

#include <algorithm>
#include <cstddef>

#include "nn/shared_rows.h"

namespace inoculate {

/// out [N, H*W*C] = the row of every position.
inline void spread_rows(float* out, const float* in, const SharedRows& rows, int c) {
  for (const int row : rows.row_of) {
    out = std::copy_n(in + static_cast<std::ptrdiff_t>(row) * c, c, out);
  }
}

/// Sets by_row [rows, C] to the sums of by_position [N, H*W*C] over the positions of each row.
template <class Values, class More>
void add_by_row(Values& by_row, const More& by_position, const SharedRows& rows, int c) {
  std::fill(by_row.begin(), by_row.end(), 0.0F);
  const auto channels = static_cast<std::size_t>(c);
  for (std::size_t p = 0; p < rows.row_of.size(); ++p) {
    for (std::size_t k = 0; k < channels; ++k) {
      by_row[static_cast<std::size_t>(rows.row_of[p]) * channels + k] +=
          by_position[p * channels + k];
    }
  }
}

}  // namespace inoculate
