// Products with a matrix that stays: its columns are cut once into panels as wide as a register
// tile, so that a product reads memory in order and nothing is packed while it runs. What else
// would be done to every number of the result is done before it is stored.
#pragma once

#include <cstddef>

#include "base/parallel.h"
#include "base/simd.h"
#include "nn/gemm.h"
#include "nn/ops/epilogue.h"

namespace inoculate {

/// Columns of a panel.
inline constexpr int kPanel = 2 * kLanes;

/// Rows of a product that one task takes: some register tiles.
inline constexpr int kRowBlock = 112;

inline int panel_count(int columns) { return (columns + kPanel - 1) / kPanel; }
inline std::size_t packed_size(int k, int columns) {
  return static_cast<std::size_t>(panel_count(columns)) * static_cast<std::size_t>(k) * kPanel;
}

/// Packs a matrix [runs.count * runs.length, columns]: the rows of run r begin at
/// from + run_begin[r], and element (row, column) of a run lies row * row_stride + column *
/// column_stride behind.
void pack_runs(float* to, const float* from, const std::ptrdiff_t* run_begin, Runs runs,
               std::ptrdiff_t row_stride, std::ptrdiff_t column_stride, int columns);

/// The same of one run.
void pack_panels(float* to, const float* from, std::ptrdiff_t row_stride,
                 std::ptrdiff_t column_stride, int k, int columns);

/// Panels [first, last) of a product with the whole packed matrix, for at most kRowBlock rows. c:
/// for each row where its column 0 is. a: as multiply_rows has it. bias: [columns], or null.
void multiply_packed(float* const* c, const float* const* a, const float* packed, const float* bias,
                     int rows, int columns, Runs runs, int first, int last,
                     const Epilogue& epilogue);

/// A product of `rows` rows, a [rows, k] and c [rows, columns], both contiguous, on all threads.
void multiply_matrix(float* c, const float* a, const float* packed, const float* bias,
                     std::size_t rows, int columns, int k, const Epilogue& epilogue);

/// Calls task(first row, rows, first panel, last panel) for blocks that make up `rows` rows and
/// `panels` panels: on all threads, and in smaller blocks where there are few.
template <class F>
void for_each_panel_block(std::size_t rows, int panels, F&& task) {
  const int row_blocks = static_cast<int>((rows + kRowBlock - 1) / kRowBlock);
  const int threads = free_threads();
  int parts = 1;
  if (threads > 1 && row_blocks < 4 * threads) {
    parts = panels < 4 * threads ? panels : 4 * threads;
  }
  parallel_for(row_blocks * parts, [&](int number) {
    const std::size_t begin = static_cast<std::size_t>(number / parts) * kRowBlock;
    const std::size_t left = rows - begin;
    const int count = left < kRowBlock ? static_cast<int>(left) : kRowBlock;
    const int part = number % parts;
    task(begin, count, part_begin(panels, parts, part), part_begin(panels, parts, part + 1));
  });
}

}  // namespace inoculate
