// Work on every number of a value by itself, on all threads whether there are many images or one.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/parallel.h"
#include "base/simd.h"

namespace inoculate {

/// Calls body(begin, end) for ranges that make up [0, size), in parallel.
template <class F>
void for_each_range(std::size_t size, F&& body) {
  constexpr std::size_t kRange = 1 << 14;
  parallel_for(static_cast<int>((size + kRange - 1) / kRange), [&](int range) {
    const std::size_t begin = static_cast<std::size_t>(range) * kRange;
    body(begin, std::min(size, begin + kRange));
  });
}

/// Calls body(i, Vec or float) for the numbers [0, size), a vector of them where there is one.
template <class F>
void for_each_number(std::size_t size, F&& body) {
  for_each_range(size, [&](std::size_t begin, std::size_t end) {
    for_each_vector(static_cast<int>(end - begin),
                    [&](int i, auto vector) { body(begin + static_cast<std::size_t>(i), vector); });
  });
}

/// What a gradient `d` of a result contributes to that of an argument. A slope of 0 passes nothing
/// back, also of an infinite gradient: that of a square root at a rectified 0, say.
inline float passed_back(float d, float slope) { return slope == 0 ? 0 : d * slope; }

}  // namespace inoculate
