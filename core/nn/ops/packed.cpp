#include "nn/ops/packed.h"

#include <algorithm>

namespace inoculate {

void pack_runs(float* to, const float* from, const std::ptrdiff_t* run_begin, Runs runs,
               std::ptrdiff_t row_stride, std::ptrdiff_t column_stride, int columns) {
  for (int column = 0; column < columns; column += kPanel) {
    const int width = std::min(kPanel, columns - column);
    for (int run = 0; run < runs.count; ++run) {
      const float* row = from + run_begin[run] + column * column_stride;
      for (int k = 0; k < runs.length; ++k, row += row_stride, to += kPanel) {
        for (int i = 0; i < width; ++i) to[i] = row[i * column_stride];
        std::fill(to + width, to + kPanel, 0.0F);
      }
    }
  }
}

void pack_panels(float* to, const float* from, std::ptrdiff_t row_stride,
                 std::ptrdiff_t column_stride, int k, int columns) {
  const std::ptrdiff_t begin = 0;
  pack_runs(to, from, &begin, {1, k}, row_stride, column_stride, columns);
}

void multiply_packed(float* const* c, const float* const* a, const float* packed, const float* bias,
                     int rows, int columns, Runs runs, int first, int last, Store store) {
  const int k = runs.count * runs.length;
  float* to[kRowBlock];
  for (int panel = first; panel < last; ++panel) {
    const int column = panel * kPanel;
    const int width = std::min(kPanel, columns - column);
    const float* b = packed + static_cast<std::ptrdiff_t>(panel) * k * kPanel;
    for (int row = 0; row < rows; ++row) to[row] = c[row] + column;
    if (store == Store::kAdd) {
      multiply_rows_add(to, a, b, kPanel, rows, width, runs);
    } else {
      multiply_rows(to, a, b, kPanel, bias == nullptr ? nullptr : bias + column, rows, width, runs);
    }
  }
}

void multiply_matrix(float* c, const float* a, const float* packed, const float* bias,
                     std::size_t rows, int columns, int k, Store store) {
  for_each_block(
      rows, panel_count(columns), [&](std::size_t begin, int count, int first, int last) {
        const float* from[kRowBlock];
        float* to[kRowBlock];
        for (int i = 0; i < count; ++i) {
          const std::size_t row = begin + static_cast<std::size_t>(i);
          from[i] = a + row * static_cast<std::size_t>(k);
          to[i] = c + row * static_cast<std::size_t>(columns);
        }
        multiply_packed(to, from, packed, bias, count, columns, {1, k}, first, last, store);
      });
}

}  // namespace inoculate
