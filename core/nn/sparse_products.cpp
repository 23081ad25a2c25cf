#include "nn/sparse_products.h"

#include <bit>

namespace inoculate {
namespace {

// The vectors of a left operand that stay in registers while one row after the other is multiplied;
// none: it is read again for every four rows.
template <int count, int vectors>
struct Held {
  static constexpr int kVectors = count * vectors;
  Vec parts[kVectors > 0 ? kVectors : 1];

  explicit Held(const Stretches& a) {
    for (int v = 0; v < kVectors; ++v) {
      parts[v] = load(a.first + v / vectors * a.stride + v % vectors * kLanes);
    }
  }
};

// products[i] = a * rows[i]
template <class H>
[[gnu::always_inline]] inline void multiply_four(float (&products)[4], const H& held,
                                                 const Stretches& a,
                                                 const float* const (&rows)[4]) {
  Vec sums[4] = {};
  if constexpr (H::kVectors > 0) {
    for (int v = 0; v < H::kVectors; ++v) {
      for (int i = 0; i < 4; ++i) sums[i] += held.parts[v] * load(rows[i] + v * kLanes);
    }
    sum_lanes(products, sums);
  } else {
    float rest[4] = {};
    const float* from = a.first;
    for (int run = 0, at = 0; run < a.count; ++run, from += a.stride, at += a.length) {
      int j = 0;
      for (; j + kLanes <= a.length; j += kLanes) {
        const Vec value = load(from + j);
        for (int i = 0; i < 4; ++i) sums[i] += value * load(rows[i] + at + j);
      }
      for (; j < a.length; ++j) {
        for (int i = 0; i < 4; ++i) rest[i] += from[j] * rows[i][at + j];
      }
    }
    sum_lanes(products, sums);
    for (int i = 0; i < 4; ++i) products[i] += rest[i];
  }
}

template <class H>
void multiply_sampled_rows(float* values, const std::uint16_t* columns, int count, int first_column,
                           const Stretches& a, const float* b) {
  const H held(a);
  for (int n = 0; n < count; n += 4) {
    const float* rows[4];
    for (int i = 0; i < 4; ++i) {
      rows[i] = b + static_cast<std::ptrdiff_t>(columns[n + i] - first_column) * a.length;
    }
    float products[4];
    multiply_four(products, held, a, rows);
    store_four(values + n, load_four(products));
  }
}

template <class H>
void multiply_rows_at(float* c, std::uint64_t where, const Stretches& a, const float* b) {
  const H held(a);
  const std::ptrdiff_t size = a.count * a.length;
  while (where != 0) {
    // What is missing of the last four is the last one again.
    int columns[4];
    const float* rows[4];
    for (int i = 0; i < 4; ++i) {
      columns[i] = std::countr_zero(where);
      rows[i] = b + columns[i] * size;
      const std::uint64_t rest = where & (where - 1);
      where = rest != 0 || i == 3 ? rest : where;
    }
    float products[4];
    multiply_four(products, held, a, rows);
    for (int i = 0; i < 4; ++i) c[columns[i]] = products[i];
  }
}

template <class H>
void add_outer_rows(float* c, const SparseRow& a, int first_column, const Stretches& b) {
  const H held(b);
  const std::ptrdiff_t size = b.count * b.length;
  for (int k = 0; k < a.count; ++k) {
    float* row = c + (a.columns[k] - first_column) * size;
    const float value = a.values[k];
    if constexpr (H::kVectors > 0) {
      for (int v = 0; v < H::kVectors; ++v) {
        store(row + v * kLanes, load(row + v * kLanes) + value * held.parts[v]);
      }
    } else {
      for (int run = 0; run < b.count; ++run, row += b.length) {
        for_each_vector(b.length, [&](int i, auto vector) {
          store(row + i,
                load(row + i, vector) + value * load(b.first + run * b.stride + i, vector));
        });
      }
    }
  }
}

// Calls body(Held) with all of `a` in registers, if it is of one of the sizes that fit.
template <class F>
void with_held(const Stretches& a, F&& body) {
  const auto is = [&](int count, int vectors) {
    return kVectorRegisters == 32 && a.count == count && a.length == vectors * kLanes;
  };
  if (is(1, 4)) {
    body.template operator()<Held<1, 4>>();
  } else if (is(1, 8)) {
    body.template operator()<Held<1, 8>>();
  } else if (is(2, 4)) {
    body.template operator()<Held<2, 4>>();
  } else if (is(2, 8)) {
    body.template operator()<Held<2, 8>>();
  } else {
    body.template operator()<Held<0, 1>>();
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
  const Stretches all{a, 1, k, 0};
  if (kVectorRegisters == 32 && k == 8 * kLanes) {
    multiply_sampled_rows<Held<1, 8>>(values, columns, count, first_column, all, b);
  } else {
    multiply_sampled_rows<Held<0, 1>>(values, columns, count, first_column, all, b);
  }
}

void multiply_at(float* c, std::uint64_t where, const Stretches& a, const float* b) {
  if (where == 0) return;
  with_held(a, [&]<class H>() { multiply_rows_at<H>(c, where, a, b); });
}

void add_outer(float* c, const SparseRow& a, int first_column, const Stretches& b) {
  if (a.count == 0) return;
  with_held(b, [&]<class H>() { add_outer_rows<H>(c, a, first_column, b); });
}

}  // namespace inoculate
