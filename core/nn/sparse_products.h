// Products with rows that are mostly zeros. For the files of frozen layers alone.
//
// They read a row of the right operand for every entry, so it is cut into pieces that stay in the
// first cache while many rows go through: a row of a convolution's windows, a position's features.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/simd.h"
#include "nn/sparse_map.h"

namespace inoculate {

/// Columns that are summed up in registers together: so many vectors, or for 0 a single float.
template <int vectors>
using Tile = std::integral_constant<int, vectors>;

/// Calls body(first column, Tile) for tiles that make up `columns` columns.
template <class F>
void for_each_tile(int columns, F&& body) {
  int i = 0;
  const auto fill_with = [&]<int vectors>(Tile<vectors> tile) {
    for (; i + vectors * kLanes <= columns; i += vectors * kLanes) body(i, tile);
  };
  fill_with(Tile<8>());
  if (columns - i == 6 * kLanes) fill_with(Tile<6>());
  fill_with(Tile<4>());
  fill_with(Tile<2>());
  fill_with(Tile<1>());
  for (; i < columns; ++i) body(i, Tile<0>());
}

// Not inlined: among the loops around it, it would have to share registers.
template <int vectors>
[[gnu::noinline]] void add_sparse_row(float* c, const float* values, const std::uint16_t* columns,
                                      int count, const float* b, std::ptrdiff_t ldb) {
  if constexpr (vectors == 0) {
    for (int k = 0; k < count; ++k) *c += values[k] * b[columns[k] * ldb];
  } else {
    Vec sums[vectors];
    for (int v = 0; v < vectors; ++v) sums[v] = load(c + v * kLanes);
    const auto add = [&](int k, Vec value) {
      const float* row = b + columns[k] * ldb;
      for (int v = 0; v < vectors; ++v) sums[v] += value * load(row + v * kLanes);
    };
    int k = 0;
    for (; k + 4 <= count; k += 4) {
      const Four four = load_four(values + k);
      add(k, spread<0>(four));
      add(k + 1, spread<1>(four));
      add(k + 2, spread<2>(four));
      add(k + 3, spread<3>(four));
    }
    for (; k < count; ++k) add(k, Vec{} + values[k]);
    for (int v = 0; v < vectors; ++v) store(c + v * kLanes, sums[v]);
  }
}

/// c += a * b for the columns of a tile, the sum going on from c. Row r of b belongs to column
/// `first_column` + r of a.
template <int vectors>
inline void add_sparse_row(Tile<vectors>, float* c, const SparseRow& a, int first_column,
                           const float* b, std::ptrdiff_t ldb) {
  add_sparse_row<vectors>(c, a.values, a.columns, a.count, b - first_column * ldb, ldb);
}
inline void add_sparse_row(float* c, const SparseRow& a, int first_column, const float* b,
                           int columns) {
  for_each_tile(columns, [&](int i, auto tile) {
    add_sparse_row(tile, c + i, a, first_column, b + i, columns);
  });
}

/// values[n] = a [k] * row columns[n] - first_column of b, whose rows are k floats: a sampled
/// product of dense matrices. Overwrites three values more. `vectors`: of a that stay in registers.
template <int vectors>
[[gnu::noinline]] void multiply_sampled(float* values, const std::uint16_t* columns, int count,
                                        int first_column, const float* a, const float* b, int k) {
  Vec held[vectors > 0 ? vectors : 1];
  for (int v = 0; v < vectors; ++v) held[v] = load(a + v * kLanes);
  for (int n = 0; n < count; n += 4) {
    const float* rows[4];
    for (int i = 0; i < 4; ++i) {
      rows[i] = b + static_cast<std::ptrdiff_t>(columns[n + i] - first_column) * k;
    }
    Vec sums[4] = {};
    for (int v = 0; v < vectors; ++v) {
      for (int i = 0; i < 4; ++i) sums[i] += held[v] * load(rows[i] + v * kLanes);
    }
    float rest[4] = {};
    if constexpr (vectors == 0) {
      int j = 0;
      for (; j + kLanes <= k; j += kLanes) {
        const Vec value = load(a + j);
        for (int i = 0; i < 4; ++i) sums[i] += value * load(rows[i] + j);
      }
      for (; j < k; ++j) {
        for (int i = 0; i < 4; ++i) rest[i] += a[j] * rows[i][j];
      }
    }
    float totals[4];
    sum_lanes(totals, sums);
    for (int i = 0; i < 4; ++i) values[n + i] = totals[i] + rest[i];
  }
}

}  // namespace inoculate
