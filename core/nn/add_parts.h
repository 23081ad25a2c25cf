// Sums that tasks made apart.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/parallel.h"

namespace inoculate {

/// Adds all of sums [parts, size] to the first, in their order: the result does not depend on the
/// number of threads.
template <class T>
void add_parts(T* sums, int parts, int size) {
  constexpr int kLeastSlice = 1024;  // else threads take longer to begin than to add
  const int slices = std::min(part_count(size), (size + kLeastSlice - 1) / kLeastSlice);
  parallel_for(slices, [&](int slice) {
    const int begin = part_begin(size, slices, slice), end = part_begin(size, slices, slice + 1);
    for (int part = 1; part < parts; ++part) {
      const T* other = sums + static_cast<std::ptrdiff_t>(part) * size;
      for (int i = begin; i < end; ++i) sums[i] += other[i];
    }
  });
}

}  // namespace inoculate
