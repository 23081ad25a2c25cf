// Sums over the rows of a matrix, which gradients of what is the same for every row are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/parallel.h"
#include "nn/ops/kernel.h"

namespace inoculate {

/// Two sums a column over the rows of a matrix [rows, columns]: calls add(sums [2, columns], first
/// row, rows) for blocks of rows that are few enough for single precision, in parallel. The same on
/// any number of threads.
template <class F>
std::vector<double> sum_over_rows(std::size_t rows, std::size_t columns, F&& add) {
  constexpr std::size_t kFloatsAPart = 1 << 14;  // fewer are not worth a second thread
  constexpr std::size_t kBlock = 32;
  const std::size_t parts = std::clamp<std::size_t>(rows * columns / kFloatsAPart, 1, 16);
  const std::size_t size = 2 * columns;
  std::vector<double> sums(parts * size);
  parallel_for(static_cast<int>(parts), [&](int number) {
    const auto part = static_cast<std::size_t>(number);
    const std::size_t end = rows / parts * (part + 1) + std::min(part + 1, rows % parts);
    for (std::size_t row = rows / parts * part + std::min(part, rows % parts); row < end;) {
      const std::size_t count = std::min(kBlock, end - row);
      add(sums.data() + part * size, row, count);
      row += count;
    }
  });
  for (std::size_t i = size; i < sums.size(); ++i) sums[i % size] += sums[i];
  sums.resize(size);
  return sums;
}

/// Sums of every column.
struct ColumnSums {
  std::vector<double> of_d;         ///< of d
  std::vector<double> of_products;  ///< of d * (x - mean); empty without x
};

/// Of d [rows, columns]; and x of the same size, or null, with mean [columns] or null for 0.
ColumnSums column_sums(const float* d, const float* x, const float* mean, std::size_t rows,
                       int columns);

/// d_weight [sums] += sums, unless it is null.
void add_sums(float* d_weight, const std::vector<double>& sums);

/// To weight `number` of a node, if its gradient is asked for, adds the sum of the rows of p.d_out:
/// the gradient of a bias.
void add_bias_gradient(const Pass& p, std::size_t number);

}  // namespace inoculate
