// The kernel of the matrix products: tiles of the result that stay in registers while k runs. For
// the files of the products alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

#include "base/simd.h"
#include "nn/gemm.h"

namespace inoculate {

// A tile of the result, R rows by V vectors, stays in registers while k runs. The heights below
// leave room for the V vectors of b and a broadcast of a. Few rows take wide tiles, so that there
// are always enough independent sums to hide the latency of a multiply-add.
constexpr int tile_height(int vectors) {
  if (kVectorRegisters == 32) return vectors == 1 ? 28 : vectors == 2 ? 14 : vectors == 4 ? 7 : 3;
  // Five rows of two vectors spill in V8, and six fit where there is a fused multiply-add.
  const int two = kVectorBytes == 16 ? 4 : 6;
  return vectors <= 2 ? two : vectors == 4 ? 2 : 1;
}

// c = sums, c += sums, or c = sums that go on from c.
enum class Store { kSet, kAdd, kResume };

// Operands of one panel of columns. b and bias are readable over whole vectors.
struct Panel {
  const float* b;
  std::ptrdiff_t ldb;
  const float* bias;  // null: start at zero
  std::ptrdiff_t first_column;
  int columns;  // of c; the others of the last vector are not written
};

// The V vectors of c that the sums of a row go on from.
template <int V>
inline void resume(Vec* sums, const float* c, int columns) {
  if (columns == V * kLanes) {
    for (int v = 0; v < V; ++v) sums[v] = load(c + v * kLanes);
  } else {
    float buffer[V * kLanes] = {};
    std::copy_n(c, columns, buffer);
    for (int v = 0; v < V; ++v) sums[v] = load(buffer + v * kLanes);
  }
}

// Writes the first `columns` floats of V vectors to c.
template <int V, Store S>
inline void finish(float* c, const Vec* sums, int columns) {
  if (columns == V * kLanes) {
    for (int v = 0; v < V; ++v) {
      float* p = c + v * kLanes;
      store(p, S == Store::kAdd ? load(p) + sums[v] : sums[v]);
    }
  } else {
    float buffer[V * kLanes];
    for (int v = 0; v < V; ++v) store(buffer + v * kLanes, sums[v]);
    for (int n = 0; n < columns; ++n) c[n] = S == Store::kAdd ? c[n] + buffer[n] : buffer[n];
  }
}

// The left operand of multiply_rows: a table of pointers a run, `table` pointers apart; the runs
// begin at first_k.
struct Left {
  const float* const* a;
  std::ptrdiff_t table;
  std::ptrdiff_t first_k;
  Runs runs;

  // The rows from `first` on, in a run.
  auto row(int first, int run) const {
    return [rows = a + first + run * table, k = first_k](int r) { return rows[r] + k; };
  }
};

// `tiles` tiles of R rows, one under the other, from row `row`.
template <int R, int V, Store S>
void rows_tiles(float* const* c, const Left& left, int row, const Panel& panel, int tiles) {
  c += row;
  for (int tile = 0; tile < tiles; ++tile, row += R, c += R) {
    Vec sums[R][V] = {};
    if constexpr (S == Store::kResume) {
      for (int r = 0; r < R; ++r) resume<V>(sums[r], c[r] + panel.first_column, panel.columns);
    } else if (panel.bias != nullptr) {
      for (int r = 0; r < R; ++r) {
        for (int v = 0; v < V; ++v) sums[r][v] = load(panel.bias + v * kLanes);
      }
    }
    const float* b = panel.b;
    for (int run = 0; run < left.runs.count; ++run) {
      const auto rows = left.row(row, run);
      for (std::ptrdiff_t k = 0; k < left.runs.length; ++k, b += panel.ldb) {
        Vec bv[V];
        for (int v = 0; v < V; ++v) bv[v] = load(b + v * kLanes);
        for (int r = 0; r < R; ++r) {
          const float ar = rows(r)[k];
          for (int v = 0; v < V; ++v) sums[r][v] += ar * bv[v];
        }
      }
    }
    for (int r = 0; r < R; ++r) finish<V, S>(c[r] + panel.first_column, sums[r], panel.columns);
  }
}

// rows_tiles for tiles of every height from 1 up. They are called through these tables:
// inlined side by side into one function, they would share out the registers badly.
template <int V, Store S>
constexpr auto kRowsTiles = []<int... I>(std::integer_sequence<int, I...>) {
  return std::array{&rows_tiles<I + 1, V, S>...};
}
(std::make_integer_sequence<int, tile_height(V)>());

// Cuts `rows` into tiles of nearly equal height, the taller ones first, and calls
// body(function for that height, first row, tiles) for those of each height.
template <class Functions, class F>
void for_each_height(const Functions& functions, int rows, F&& body) {
  if (rows == 0) return;
  const int most = static_cast<int>(functions.size());
  const int tiles = (rows + most - 1) / most;
  const int height = rows / tiles;
  const int taller = rows % tiles;
  const auto function = [&](int h) { return functions[static_cast<std::size_t>(h - 1)]; };
  if (taller > 0) body(function(height + 1), 0, taller);
  body(function(height), taller * (height + 1), tiles - taller);
}

}  // namespace inoculate
