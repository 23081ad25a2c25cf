// Walking through several tensors at once, each with strides of its own.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "nn/graph/graph.h"

namespace inoculate {

/// Strides of a contiguous tensor of `extents`, broadcast to `shape`: 0 along what it repeats. It
/// may have fewer axes than `shape`; those it lacks come first.
std::vector<std::ptrdiff_t> strides_in(const Extents& extents, const Extents& shape);

/// Axes that lie one behind the other in all K tensors, made one: shorter walks. Leaves at least
/// one axis.
template <std::size_t K>
void join_axes(Extents& shape, std::array<std::vector<std::ptrdiff_t>, K>& strides) {
  Extents joined;
  std::array<std::vector<std::ptrdiff_t>, K> own;
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
void for_each_row(const Extents& shape, const std::array<std::vector<std::ptrdiff_t>, K>& strides,
                  F&& body) {
  std::array<std::ptrdiff_t, K> offsets{};
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

}  // namespace inoculate
