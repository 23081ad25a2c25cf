#include "nn/ops/packed.h"

#include <algorithm>
#include <array>
#include <utility>

namespace inoculate {
namespace {

// Rows of a register tile of two vectors: room is left for these of b and a broadcast of a.
constexpr int kTileRows = kVectorRegisters == 32 ? 14 : kVectorBytes == 16 ? 4 : 6;

// One panel of a product. bias is readable over whole vectors, or null.
struct PanelProduct {
  float* const* c;  // a row: column 0 of the whole result
  const float* const* a;
  const float* b;
  const float* bias;
  int rows;
  Runs runs;
  int column, columns;
  const Epilogue& epilogue;
};

// Stores V vectors, of which `columns` floats belong to the result, as `finish` says.
template <int V, class F>
inline void store_row(float* c, const Vec* sums, int columns, F&& finish) {
  if (columns == V * kLanes) {
    for (int v = 0; v < V; ++v) store(c + v * kLanes, finish(sums[v], c + v * kLanes));
  } else {
    float buffer[V * kLanes];
    for (int v = 0; v < V; ++v) store(buffer + v * kLanes, sums[v]);
    for (int n = 0; n < columns; ++n) c[n] = finish(buffer[n], c + n);
  }
}

// `tiles` tiles of R rows by V vectors, one under the other, from row `row`.
template <int R, int V>
void run_tiles(const PanelProduct& p, int row, int tiles) {
  for (int tile = 0; tile < tiles; ++tile, row += R) {
    Vec sums[R][V] = {};
    if (p.bias != nullptr) {
      for (int r = 0; r < R; ++r) {
        for (int v = 0; v < V; ++v) sums[r][v] = load(p.bias + v * kLanes);
      }
    }
    for (int r = 0; r < R; ++r) p.epilogue.prefetch(p.c[row + r] + p.column);
    const float* b = p.b;
    for (int run = 0; run < p.runs.count; ++run) {
      const float* const* rows = p.a + run * p.rows + row;
      for (std::ptrdiff_t k = 0; k < p.runs.length; ++k, b += kPanel) {
        Vec bv[V];
        for (int v = 0; v < V; ++v) bv[v] = load(b + v * kLanes);
        for (int r = 0; r < R; ++r) {
          const float ar = rows[r][k];
          for (int v = 0; v < V; ++v) sums[r][v] += ar * bv[v];
        }
      }
    }
    p.epilogue.visit([&](auto&& finish) {
      for (int r = 0; r < R; ++r) {
        store_row<V>(p.c[row + r] + p.column, sums[r], p.columns, finish);
      }
    });
  }
}

// The function above for tiles of every height. They are called through these tables: inlined side
// by side into one function, they would share out the registers badly.
template <int V>
constexpr auto kRunTiles = []<int... I>(std::integer_sequence<int, I...>) {
  return std::array{&run_tiles<I + 1, V>...};
}
(std::make_integer_sequence<int, kTileRows>());

}  // namespace

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
                     int rows, int columns, Runs runs, int first, int last,
                     const Epilogue& epilogue) {
  // Tiles of nearly equal height, the taller ones first.
  const int tiles = (rows + kTileRows - 1) / kTileRows;
  const int height = rows / tiles, taller = rows % tiles;
  for (int panel = first; panel < last; ++panel) {
    const int column = panel * kPanel, width = std::min(kPanel, columns - column);
    float own_bias[kPanel] = {};
    if (bias != nullptr) std::copy_n(bias + column, width, own_bias);
    const PanelProduct product{
        c,
        a,
        packed + static_cast<std::ptrdiff_t>(panel) * runs.count * runs.length * kPanel,
        bias == nullptr ? nullptr : own_bias,
        rows,
        runs,
        column,
        width,
        epilogue};
    const auto& functions = width > kLanes ? kRunTiles<2> : kRunTiles<1>;
    if (taller > 0) functions[static_cast<std::size_t>(height)](product, 0, taller);
    if (height > 0) {
      functions[static_cast<std::size_t>(height - 1)](product, taller * (height + 1),
                                                      tiles - taller);
    }
  }
}

void multiply_matrix(float* c, const float* a, const float* packed, const float* bias,
                     std::size_t rows, int columns, int k, const Epilogue& epilogue) {
  for_each_panel_block(
      rows, panel_count(columns), [&](std::size_t begin, int count, int first, int last) {
        const float* from[kRowBlock];
        float* to[kRowBlock];
        for (int i = 0; i < count; ++i) {
          const std::size_t row = begin + static_cast<std::size_t>(i);
          from[i] = a + row * static_cast<std::size_t>(k);
          to[i] = c + row * static_cast<std::size_t>(columns);
        }
        multiply_packed(to, from, packed, bias, count, columns, {1, k}, first, last, epilogue);
      });
}

}  // namespace inoculate
