#include "nn/fast/sparse_products.h"

#include <bit>

namespace inoculate {
namespace {

// The vectors of a left operand that stay in registers while one row after the other is multiplied;
// none: it is read again for every four rows.
template <int count, int vectors>
struct Held {
  static constexpr int kVectors = count * vectors;
  Vec parts[kVectors > 0 ? kVectors : 1];

  static std::ptrdiff_t offset(int v, std::ptrdiff_t stride) {
    return v / vectors * stride + v % vectors * kLanes;
  }
  explicit Held(const Stretches& a) {
    for (int v = 0; v < kVectors; ++v) parts[v] = load(a.first + offset(v, a.stride));
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
  const float* first = b - static_cast<std::ptrdiff_t>(first_column) * a.length;
  for (int n = 0; n < count; n += 4) {
    const FourNumbers column(columns + n);
    const float* const rows[4] = {
        first + column.at<0>() * a.length, first + column.at<1>() * a.length,
        first + column.at<2>() * a.length, first + column.at<3>() * a.length};
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

// The next n places of `where`, which it takes out.
template <int n>
struct NextPlaces {
  int in[n];
  float x[n];
  const float* a[n];

  NextPlaces(std::uint64_t& where, const Place* places, const float* inputs, const float* outputs) {
    for (int i = 0; i < n; ++i, where &= where - 1) {
      const Place place = places[std::countr_zero(where)];
      in[i] = place.in;
      x[i] = inputs[place.in];
      a[i] = outputs + place.out;
    }
  }
  void put(float* c, const float (&products)[4], bool add) const {
    for (int i = 0; i < n; ++i) c[in[i]] = add ? c[in[i]] + products[i] : products[i];
  }
};

// Calls body(NextPlaces) for four places, or one, at a time.
template <class F>
[[gnu::always_inline]] inline void for_each_place(std::uint64_t where, const Place* places,
                                                  const float* x, const float* a, F&& body) {
  int count = std::popcount(where);
  for (; count >= 4; count -= 4) body(NextPlaces<4>(where, places, x, a));
  for (; count > 0; --count) body(NextPlaces<1>(where, places, x, a));
}

// multiply_and_add_at of what registers hold.
template <class H>
void multiply_and_add_held(float* c, float* sums, const float* x, std::uint64_t where,
                           const Place* places, const Stretches& a, const float* b, bool add) {
  const H held(Stretches{b, a.count, a.length, a.length});
  Vec held_sums[H::kVectors];
#pragma GCC unroll 8
  for (int v = 0; v < H::kVectors; ++v) held_sums[v] = load(sums + v * kLanes);
  for_each_place(where, places, x, a.first, [&]<int n>(const NextPlaces<n>& next) {
    Vec parts[4] = {};  // of products; a single one has all four
#pragma GCC unroll 8
    for (int v = 0; v < H::kVectors; ++v) {
      for (int i = 0; i < n; ++i) {
        const Vec part = load(next.a[i] + H::offset(v, a.stride));
        held_sums[v] += next.x[i] * part;
        parts[n == 1 ? v % 4 : i] += held.parts[v] * part;
      }
    }
    float products[4];
    sum_lanes(products, parts);
    if (n == 1) products[0] += products[1] + products[2] + products[3];
    next.put(c, products, add);
  });
#pragma GCC unroll 8
  for (int v = 0; v < H::kVectors; ++v) store(sums + v * kLanes, held_sums[v]);
}

// The same of a run of any length.
void multiply_and_add_run(float* c, float* sums, const float* x, std::uint64_t where,
                          const Place* places, const float* a, int length, const float* b,
                          bool add) {
  for_each_place(where, places, x, a, [&]<int n>(const NextPlaces<n>& next) {
    Vec parts[4] = {};
    float rest[4] = {};
    for_each_vector(length, [&](int k, auto vector) {
      const auto weight = load(b + k, vector);
      auto sum = load(sums + k, vector);
      for (int i = 0; i < n; ++i) {
        const auto part = load(next.a[i] + k, vector);
        sum += next.x[i] * part;
        if constexpr (sizeof part == sizeof(Vec)) {
          parts[i] += weight * part;
        } else {
          rest[i] += weight * part;
        }
      }
      store(sums + k, sum);
    });
    float products[4];
    sum_lanes(products, parts);
    for (int i = 0; i < n; ++i) products[i] += rest[i];
    next.put(c, products, add);
  });
}

// Whether `a` is `count` runs of `vectors` vectors, and there are registers to hold so many.
bool fits(const Stretches& a, int count, int vectors) {
  return kVectorRegisters == 32 && a.count == count && a.length == vectors * kLanes;
}

// Calls body(Held) with all of `a` in registers, if it is of one of the sizes that fit.
template <class F>
void with_held(const Stretches& a, F&& body) {
  if (fits(a, 1, 4)) {
    body.template operator()<Held<1, 4>>();
  } else if (fits(a, 1, 8)) {
    body.template operator()<Held<1, 8>>();
  } else if (fits(a, 2, 4)) {
    body.template operator()<Held<2, 4>>();
  } else if (fits(a, 2, 8)) {
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
    const auto add = [&](std::ptrdiff_t column, Vec value) {
      const float* row = b + column * ldb;
      for (int v = 0; v < vectors; ++v) sums[v] += value * load(row + v * kLanes);
    };
    for (; count >= 4; count -= 4, values += 4, columns += 4) {
      const FourNumbers column(columns);
      const Four value = load_four(values);
      add(column.at<0>(), spread<0>(value));
      add(column.at<1>(), spread<1>(value));
      add(column.at<2>(), spread<2>(value));
      add(column.at<3>(), spread<3>(value));
    }
    for (int k = 0; k < count; ++k) add(columns[k], Vec{} + values[k]);
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
  if (fits(all, 1, 8)) {
    multiply_sampled_rows<Held<1, 8>>(values, columns, count, first_column, all, b);
  } else {
    multiply_sampled_rows<Held<0, 1>>(values, columns, count, first_column, all, b);
  }
}

void multiply_at(float* c, std::uint64_t where, const Stretches& a, const float* b) {
  if (where == 0) return;
  with_held(a, [&]<class H>() { multiply_rows_at<H>(c, where, a, b); });
}

void multiply_and_add_at(float* c, float* sums, const float* x, std::uint64_t where,
                         const Place* places, const Stretches& a, const float* b) {
  if (where == 0) return;
  if (fits(a, 2, 4)) {
    return multiply_and_add_held<Held<2, 4>>(c, sums, x, where, places, a, b, false);
  }
  for (int run = 0; run < a.count; ++run, sums += a.length, b += a.length) {
    const Stretches part{a.first + run * a.stride, 1, a.length, 0};
    if (fits(part, 1, 8)) {
      multiply_and_add_held<Held<1, 8>>(c, sums, x, where, places, part, b, run > 0);
    } else if (fits(part, 1, 4)) {
      multiply_and_add_held<Held<1, 4>>(c, sums, x, where, places, part, b, run > 0);
    } else {
      multiply_and_add_run(c, sums, x, where, places, part.first, a.length, b, run > 0);
    }
  }
}

}  // namespace inoculate
