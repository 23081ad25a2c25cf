#include "nn/shared_rows.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "base/parallel.h"

namespace inoculate {

namespace {

void resize(SharedRows& rows, int n, int positions) {
  rows.shared = 0;
  rows.count.clear();
  rows.row_of.resize(static_cast<std::size_t>(n) * static_cast<std::size_t>(positions));
  rows.first_row.clear();
  for (int i = 0; i <= n; ++i) rows.first_row.push_back(i * positions);
}

}  // namespace

void give_each_position_a_row(SharedRows& rows, int n, int positions) {
  resize(rows, n, positions);
  std::iota(rows.row_of.begin(), rows.row_of.end(), 0);
}

void give_each_drawn_position_a_row(SharedRows& rows, const float* images, int n, Shape shape) {
  resize(rows, n, shape.h * shape.w);
  const auto positions = static_cast<int>(rows.row_of.size());
  const int parts = part_count(n);
  parallel_for(parts, [&](int part) {
    const int begin = part_begin(positions, parts, part);
    const int end = part_begin(positions, parts, part + 1);
    int* row_of = rows.row_of.data();
    if (shape.c == 1) {
      for (int p = begin; p < end; ++p) row_of[p] = images[p] == 0 ? kNoRow : p;
      return;
    }
    for (int p = begin; p < end; ++p) {
      const float* pixel = images + static_cast<std::ptrdiff_t>(p) * shape.c;
      const bool blank = std::all_of(pixel, pixel + shape.c, [](float x) { return x == 0; });
      row_of[p] = blank ? kNoRow : p;
    }
  });
}

}  // namespace inoculate
