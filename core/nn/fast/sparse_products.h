// Products with rows that are mostly zeros.
//
// They read a row of the right operand for every entry, so it is cut into pieces that stay in the
// first cache while many rows go through: a row of a convolution's windows, a position's features.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "base/simd.h"
#include "nn/fast/sparse_map.h"

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

/// c += the sum of values[k] * row columns[k] of b, for the columns of a tile, going on from c. For
/// the tiles that for_each_tile has.
template <int vectors>
void add_sparse_row(float* c, const float* values, const std::uint16_t* columns, int count,
                    const float* b, std::ptrdiff_t ldb);

/// c += a * b for the columns of a tile. Row r of b belongs to column `first_column` + r of a.
template <int vectors>
void add_sparse_row(Tile<vectors>, float* c, const SparseRow& a, int first_column, const float* b,
                    std::ptrdiff_t ldb) {
  add_sparse_row<vectors>(c, a.values, a.columns, a.count, b - first_column * ldb, ldb);
}
/// The same for all columns of b.
inline void add_sparse_row(float* c, const SparseRow& a, int first_column, const float* b,
                           int columns) {
  for_each_tile(columns, [&](int i, auto tile) {
    add_sparse_row(tile, c + i, a, first_column, b + i, columns);
  });
}

/// values[n] = a [k] * row columns[n] - first_column of b, whose rows are k floats, for n < count:
/// a sampled product of dense matrices. Overwrites three values more.
void multiply_sampled(float* values, const std::uint16_t* columns, int count, int first_column,
                      const float* a, const float* b, int k);

/// Floats in runs, one of which begins `stride` floats after the other.
struct Stretches {
  const float* first;
  int count;
  int length;
  std::ptrdiff_t stride;
};

/// c[n] = a * row n of b, whose rows are as long as all of a, for every bit n of `where`.
void multiply_at(float* c, std::uint64_t where, const Stretches& a, const float* b);

/// Where something lies in two layouts.
struct Place {
  std::int32_t in;
  std::int32_t out;
};

/// For the place p of every bit of `where`: c[p.in] = a * b, where a begins p.out floats further,
/// and sums += x[p.in] * a. b and sums are as long as all of a.
void multiply_and_add_at(float* c, float* sums, const float* x, std::uint64_t where,
                         const Place* places, const Stretches& a, const float* b);

}  // namespace inoculate
