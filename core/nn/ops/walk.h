// Walking through several tensors at once, each with strides of its own.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "base/parallel.h"
#include "nn/ops/kernel.h"

namespace inoculate {

/// Strides of a contiguous tensor of `extents`, broadcast to `shape`: 0 along what it repeats. It
/// may have fewer axes than `shape`; those it lacks come first.
std::vector<std::ptrdiff_t> strides_in(const Extents& extents, const Extents& shape);

/// Of K tensors that are walked through together, in floats.
template <std::size_t K>
using Strides = std::array<std::vector<std::ptrdiff_t>, K>;
template <std::size_t K>
using Offsets = std::array<std::ptrdiff_t, K>;

/// Axes that lie one behind the other in all K tensors, made one: shorter walks. Leaves at least
/// one axis.
template <std::size_t K>
void join_axes(Extents& shape, Strides<K>& strides) {
  Extents joined;
  Strides<K> own;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 1) continue;
    bool fits = !joined.empty();
    for (std::size_t k = 0; fits && k < K; ++k) {
      fits = own[k].back() == strides[k][i] * shape[i];
    }
    if (fits) {
      joined.back() *= shape[i];
      for (std::size_t k = 0; k < K; ++k) own[k].back() = strides[k][i];
    } else {
      joined.push_back(shape[i]);
      for (std::size_t k = 0; k < K; ++k) own[k].push_back(strides[k][i]);
    }
  }
  if (joined.empty()) {
    joined.push_back(1);
    for (auto& one : own) one.push_back(0);
  }
  shape = joined;
  strides = own;
}

/// Calls body(offsets [K]) for every row along the last axis, in order.
template <std::size_t K, class F>
void for_each_row(const Extents& shape, const Strides<K>& strides, F&& body) {
  Offsets<K> offsets{};
  std::vector<int> index(shape.size() - 1);
  for (;;) {
    body(offsets);
    std::size_t axis = index.size();
    while (axis > 0) {
      --axis;
      for (std::size_t k = 0; k < K; ++k) offsets[k] += strides[k][axis];
      if (++index[axis] < shape[axis]) break;
      for (std::size_t k = 0; k < K; ++k) offsets[k] -= strides[k][axis] * shape[axis];
      index[axis] = 0;
      if (axis == 0) return;
    }
    if (index.empty()) return;
  }
}

/// Calls body(offsets [K], steps [K] along the row, its length) for every row of n images; tensor k
/// has sizes[k] floats an image. Axes are joined where they can be.
template <std::size_t K, class F>
void for_each_row_of(std::size_t n, Extents shape, Strides<K> strides,
                     const std::array<std::size_t, K>& sizes, F&& body) {
  join_axes(shape, strides);
  Offsets<K> steps;
  for (std::size_t k = 0; k < K; ++k) steps[k] = strides[k].back();
  parallel_for(static_cast<int>(n), [&](int image) {
    for_each_row<K>(shape, strides, [&](Offsets<K> at) {
      for (std::size_t k = 0; k < K; ++k) at[k] += image * static_cast<std::ptrdiff_t>(sizes[k]);
      body(at, steps, shape.back());
    });
  });
}

}  // namespace inoculate
