#include "nn/sparse_products.h"

namespace inoculate {
namespace {

// Held: vectors of a that stay in registers; 0: a is read again for every four rows of b.
template <int held>
void multiply_sampled_rows(float* values, const std::uint16_t* columns, int count, int first_column,
                           const float* a, const float* b, int k) {
  Vec of_a[held > 0 ? held : 1];
  for (int v = 0; v < held; ++v) of_a[v] = load(a + v * kLanes);
  for (int n = 0; n < count; n += 4) {
    const float* rows[4];
    for (int i = 0; i < 4; ++i) {
      rows[i] = b + static_cast<std::ptrdiff_t>(columns[n + i] - first_column) * k;
    }
    Vec sums[4] = {};
    float rest[4] = {};
    if constexpr (held > 0) {
      for (int v = 0; v < held; ++v) {
        for (int i = 0; i < 4; ++i) sums[i] += of_a[v] * load(rows[i] + v * kLanes);
      }
    } else {
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

}  // namespace

template <int vectors>
void add_sparse_row(float* c, const float* values, const std::uint16_t* columns, int count,
                    const float* b, std::ptrdiff_t ldb) {
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

#define INOCULATE_TILE(vectors)                                                          \
  template void add_sparse_row<vectors>(float*, const float*, const std::uint16_t*, int, \
                                        const float*, std::ptrdiff_t);
INOCULATE_TILE(8)
INOCULATE_TILE(6)
INOCULATE_TILE(4)
INOCULATE_TILE(2)
INOCULATE_TILE(1)
INOCULATE_TILE(0)
#undef INOCULATE_TILE

void multiply_sampled(float* values, const std::uint16_t* columns, int count, int first_column,
                      const float* a, const float* b, int k) {
  constexpr int kHeld = 8;
  if (kVectorRegisters == 32 && k == kHeld * kLanes) {
    multiply_sampled_rows<kHeld>(values, columns, count, first_column, a, b, k);
  } else {
    multiply_sampled_rows<0>(values, columns, count, first_column, a, b, k);
  }
}

}  // namespace inoculate
