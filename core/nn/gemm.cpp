#include "nn/gemm.h"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "base/simd.h"

namespace inoculate {
namespace {

// A tile of the result, R rows by V vectors, stays in registers while k runs. The heights below
// leave room for the V vectors of b and a broadcast of a. Few rows take wide tiles, so that there
// are always enough independent sums to hide the latency of a multiply-add.
constexpr int tile_height(int vectors) {
  if (kVectorRegisters == 32) return vectors <= 2 ? 14 : vectors == 4 ? 7 : 3;
  // Five rows of two vectors spill in V8, and six fit where there is a fused multiply-add.
  const int two = kVectorBytes == 16 ? 4 : 6;
  return vectors <= 2 ? two : vectors == 4 ? 2 : 1;
}

int vectors_for(int rows) { return rows <= tile_height(8) ? 8 : rows <= tile_height(4) ? 4 : 2; }

// With many rows, a panel of b of this depth stays in the first cache from tile to tile.
constexpr int kPanelDepth = (1 << 14) / (2 * kVectorBytes);

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
};

// `tiles` tiles of R rows, one under the other, from row `row`.
template <int R, int V, Store S>
void rows_tiles(float* const* c, const Left& left, int row, const Panel& panel, int tiles) {
  const float* const* a = left.a + row;
  c += row;
  for (int tile = 0; tile < tiles; ++tile, a += R, c += R) {
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
      const float* const* rows = a + run * left.table;
      for (std::ptrdiff_t k = 0; k < left.runs.length; ++k, b += panel.ldb) {
        Vec bv[V];
        for (int v = 0; v < V; ++v) bv[v] = load(b + v * kLanes);
        for (int r = 0; r < R; ++r) {
          const float ar = rows[r][left.first_k + k];
          for (int v = 0; v < V; ++v) sums[r][v] += ar * bv[v];
        }
      }
    }
    for (int r = 0; r < R; ++r) finish<V, S>(c[r] + panel.first_column, sums[r], panel.columns);
  }
}

template <int R, int V, Store S>
void transposed_tiles(float* c, std::ptrdiff_t ldc, const float* const* a, std::ptrdiff_t first_row,
                      const Panel& panel, int count, int tiles) {
  for (int tile = 0; tile < tiles; ++tile, first_row += R, c += R * ldc) {
    Vec sums[R][V] = {};
    const float* b = panel.b;
    for (int m = 0; m < count; ++m, b += panel.ldb) {
      const float* am = a[m] + first_row;
      Vec bv[V];
      for (int v = 0; v < V; ++v) bv[v] = load(b + v * kLanes);
      for (int r = 0; r < R; ++r) {
        for (int v = 0; v < V; ++v) sums[r][v] += am[r] * bv[v];
      }
    }
    for (int r = 0; r < R; ++r) {
      finish<V, S>(c + r * ldc + panel.first_column, sums[r], panel.columns);
    }
  }
}

// The functions above for tiles of every height from 1 up. They are called through these tables:
// inlined side by side into one function, they would share out the registers badly.
template <int V, Store S>
constexpr auto kRowsTiles = []<int... I>(std::integer_sequence<int, I...>) {
  return std::array{&rows_tiles<I + 1, V, S>...};
}
(std::make_integer_sequence<int, tile_height(V)>());

template <int V, Store S>
constexpr auto kTransposedTiles = []<int... I>(std::integer_sequence<int, I...>) {
  return std::array{&transposed_tiles<I + 1, V, S>...};
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

// A block of four by four is transposed in registers, whatever the machine's vectors hold.
struct Block {
  Four rows[4];
};

inline Block load_block(const float* p, std::ptrdiff_t ld) {
  return {{load_four(p), load_four(p + ld), load_four(p + 2 * ld), load_four(p + 3 * ld)}};
}

inline void store_block(float* p, std::ptrdiff_t ld, const Block& block) {
  for (int r = 0; r < 4; ++r) store_four(p + r * ld, block.rows[r]);
}

inline Block transposed(const Block& in) {
  const Four a = __builtin_shufflevector(in.rows[0], in.rows[1], 0, 4, 1, 5);
  const Four b = __builtin_shufflevector(in.rows[2], in.rows[3], 0, 4, 1, 5);
  const Four c = __builtin_shufflevector(in.rows[0], in.rows[1], 2, 6, 3, 7);
  const Four d = __builtin_shufflevector(in.rows[2], in.rows[3], 2, 6, 3, 7);
  return {{__builtin_shufflevector(a, b, 0, 1, 4, 5), __builtin_shufflevector(a, b, 2, 3, 6, 7),
           __builtin_shufflevector(c, d, 0, 1, 4, 5), __builtin_shufflevector(c, d, 2, 3, 6, 7)}};
}

// One row times 4 * B columns of a transposed matrix, whose blocks are transposed on their way: to
// pack what is used once would double the work.
template <int B>
void row_by_transposed(float* c, const float* a, const float* b, std::ptrdiff_t ldb, int k) {
  Four sums[B] = {};
  int i = 0;
  for (; i + 4 <= k; i += 4) {
    for (int block = 0; block < B; ++block) {
      const Block columns = transposed(load_block(b + block * 4 * ldb + i, ldb));
      for (int j = 0; j < 4; ++j) sums[block] += a[i + j] * columns.rows[j];
    }
  }
  for (; i < k; ++i) {
    for (int block = 0; block < B; ++block) {
      const float* column = b + block * 4 * ldb + i;
      sums[block] += a[i] * Four{column[0], column[ldb], column[2 * ldb], column[3 * ldb]};
    }
  }
  for (int block = 0; block < B; ++block) store_four(c + 4 * block, sums[block]);
}

// The first `columns` floats of V vectors, and zeros for those there are none of.
template <int V>
void pack(float* to, const float* from, int columns) {
  constexpr int kWidth = V * kLanes;
  if (columns == kWidth) {
    for (int v = 0; v < V; ++v) store(to + v * kLanes, load(from + v * kLanes));
  } else {
    std::copy_n(from, columns, to);
    std::fill_n(to + columns, kWidth - columns, 0.0F);
  }
}

// The right operand of a product, [K, columns] in rows `ld` floats apart; or, transposed, its
// transpose.
struct Right {
  const float* b;
  std::ptrdiff_t ld;
  bool transposed = false;
};

// Cuts the columns into panels of 8, 4, 2 and 1 vectors, as wide as the number of rows allows, and
// calls body(constant vectors, panel). A panel that many tiles will read is packed first: its rows
// then follow one another in memory. So is what remains of the last vector, padded with zeros, so
// that kernels only ever read whole vectors. A transposed operand is always packed, and transposed
// by it.
template <class F>
void for_each_panel(const Right& right, const float* bias, int k, int rows, int columns, F&& body) {
  thread_local FloatBuffer packed;
  const int widest = vectors_for(rows);
  const bool many_tiles = rows > 6 * tile_height(widest);
  int column = 0;
  const auto do_panel = [&](auto vectors, int width) {
    constexpr int kWidth = vectors * kLanes;
    Panel panel{nullptr, right.ld, bias ? bias + column : nullptr, column, width};
    if (width == kWidth && !right.transposed && (!many_tiles || right.ld <= kWidth)) {
      panel.b = right.b + column;
    } else {
      float* to = room_for(packed, static_cast<std::size_t>(k + 1) * kWidth);
      if (right.transposed) {
        if (width < kWidth) std::fill_n(to, k * kWidth, 0.0F);
        transpose(to, kWidth, right.b + column * right.ld, right.ld, width, k);
      } else {
        for (int row = 0; row < k; ++row) {
          pack<vectors>(to + row * kWidth, right.b + row * right.ld + column, width);
        }
      }
      panel.b = to;
      panel.ldb = kWidth;
      if (bias != nullptr) {
        float* packed_bias = to + static_cast<std::ptrdiff_t>(k) * kWidth;
        pack<vectors>(packed_bias, panel.bias, width);
        panel.bias = packed_bias;
      }
    }
    body(vectors, panel);
    column += width;
  };
  const auto take = [&](auto vectors) {
    constexpr int kWidth = vectors * kLanes;
    while (columns - column >= kWidth) do_panel(vectors, kWidth);
  };
  if (widest >= 8) take(std::integral_constant<int, 8>());
  if (widest >= 4) take(std::integral_constant<int, 4>());
  take(std::integral_constant<int, 2>());
  take(std::integral_constant<int, 1>());
  if (column < columns) do_panel(std::integral_constant<int, 1>(), columns - column);
}

template <Store S>
void multiply(float* const* c, const Left& left, const Right& right, const float* bias, int rows,
              int columns) {
  for_each_panel(right, bias, left.runs.count * left.runs.length, rows, columns,
                 [&](auto vectors, const Panel& panel) {
                   for_each_height(kRowsTiles<vectors, S>, rows,
                                   [&](auto function, int row, int tiles) {
                                     function(c, left, row, panel, tiles);
                                   });
                 });
}

template <Store S>
void multiply_transposed(float* c, std::ptrdiff_t ldc, const float* const* a, const Right& right,
                         int count, Runs runs, int columns) {
  const int rows = runs.count * runs.length;
  for_each_panel(right, nullptr, count, rows, columns, [&](auto vectors, const Panel& panel) {
    for (int run = 0; run < runs.count; ++run) {
      for_each_height(
          kTransposedTiles<vectors, S>, runs.length, [&](auto function, int row, int tiles) {
            function(c + (run * runs.length + row) * ldc, ldc,
                     a + static_cast<std::ptrdiff_t>(run) * count, row, panel, count, tiles);
          });
    }
  });
}

}  // namespace

void multiply_rows(float* const* c, const float* const* a, const float* b, std::ptrdiff_t ldb,
                   const float* bias, int rows, int columns, Runs runs) {
  if (runs.count > 1 || vectors_for(rows) > 2) {
    multiply<Store::kSet>(c, {a, rows, 0, runs}, {b, ldb}, bias, rows, columns);
    return;
  }
  // A long sum is cut into stretches of k, each of which starts from what the last one left in c:
  // the additions and their order stay the same.
  const auto stretch = [&](int k) {
    return Left{a, rows, k, {1, std::min(kPanelDepth, runs.length - k)}};
  };
  multiply<Store::kSet>(c, stretch(0), {b, ldb}, bias, rows, columns);
  for (int k = kPanelDepth; k < runs.length; k += kPanelDepth) {
    multiply<Store::kResume>(c, stretch(k), {b + k * ldb, ldb}, nullptr, rows, columns);
  }
}

void multiply_rows_by_transposed(float* const* c, const float* const* a, const float* b,
                                 std::ptrdiff_t ldb, int rows, int columns, int k) {
  const auto packed = [&](float* const* to, int first) {
    multiply<Store::kSet>(to, {a, rows, 0, {1, k}}, {b + first * ldb, ldb, true}, nullptr, rows,
                          columns - first);
  };
  if (rows != 1) {
    packed(c, 0);
    return;
  }
  int n = 0;
  for (; n + 16 <= columns; n += 16) row_by_transposed<4>(*c + n, *a, b + n * ldb, ldb, k);
  for (; n + 4 <= columns; n += 4) row_by_transposed<1>(*c + n, *a, b + n * ldb, ldb, k);
  float* rest = *c + n;
  packed(&rest, n);
}

void multiply_rows_add(float* const* c, const float* const* a, const float* b, std::ptrdiff_t ldb,
                       int rows, int columns, Runs runs) {
  multiply<Store::kAdd>(c, {a, rows, 0, runs}, {b, ldb}, nullptr, rows, columns);
}

void multiply_transposed(float* c, std::ptrdiff_t ldc, const float* const* a, const float* b,
                         std::ptrdiff_t ldb, int count, Runs runs, int columns) {
  multiply_transposed<Store::kSet>(c, ldc, a, {b, ldb}, count, runs, columns);
}

void multiply_transposed_add(float* c, std::ptrdiff_t ldc, const float* const* a, const float* b,
                             std::ptrdiff_t ldb, int count, Runs runs, int columns) {
  multiply_transposed<Store::kAdd>(c, ldc, a, {b, ldb}, count, runs, columns);
}

void transpose(float* out, std::ptrdiff_t ld_out, const float* in, std::ptrdiff_t ld_in, int rows,
               int columns) {
  // Blocks of 16 rows fill whole cache lines of the result before they leave the cache.
  constexpr int kBlock = 16;
  for (int r0 = 0; r0 < rows; r0 += kBlock) {
    const int r1 = std::min(rows, r0 + kBlock);
    int c = 0;
    for (; c + 4 <= columns; c += 4) {
      const float* from = in + r0 * ld_in + c;
      float* to = out + c * ld_out + r0;
      int r = r0;
      for (; r + 4 <= r1; r += 4, from += 4 * ld_in, to += 4) {
        store_block(to, ld_out, transposed(load_block(from, ld_in)));
      }
      for (; r < r1; ++r, from += ld_in, ++to) {
        for (int i = 0; i < 4; ++i) to[i * ld_out] = from[i];
      }
    }
    for (; c < columns; ++c) {
      for (int r = r0; r < r1; ++r) out[c * ld_out + r] = in[r * ld_in + c];
    }
  }
}

}  // namespace inoculate
