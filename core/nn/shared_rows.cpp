#include "nn/shared_rows.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace inoculate {

void give_each_position_a_row(SharedRows& rows, int n, int positions) {
  rows.shared = 0;
  rows.count.clear();
  rows.row_of.resize(static_cast<std::size_t>(n) * static_cast<std::size_t>(positions));
  std::iota(rows.row_of.begin(), rows.row_of.end(), 0);
  rows.first_row.clear();
  for (int i = 0; i <= n; ++i) rows.first_row.push_back(i * positions);
}

void give_each_drawn_position_a_row(SharedRows& rows, const float* images, int n, Shape shape) {
  const int positions = shape.h * shape.w, c = shape.c;
  give_each_position_a_row(rows, n, positions);
  int* row_of = rows.row_of.data();
  if (c == 1) {
    for (int p = 0; p < n * positions; ++p) row_of[p] = images[p] == 0 ? kNoRow : p;
    return;
  }
  for (int p = 0; p < n * positions; ++p) {
    const float* pixel = images + static_cast<std::ptrdiff_t>(p) * c;
    if (std::all_of(pixel, pixel + c, [](float x) { return x == 0; })) row_of[p] = kNoRow;
  }
}

void spread_rows(float* out, const float* in, const SharedRows& rows, int c) {
  for (const int row : rows.row_of) {
    out = std::copy_n(in + static_cast<std::ptrdiff_t>(row) * c, c, out);
  }
}

}  // namespace inoculate
