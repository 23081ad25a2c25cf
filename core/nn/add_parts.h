// Sums over images that tasks make apart: the same on any number of threads.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/parallel.h"

namespace inoculate {

/// Images are split in so many parts at most, each with sums of its own.
inline constexpr int kMostParts = 8;

inline int parts_of(int n) { return std::min(n, kMostParts); }

/// Calls body(part, first image, images) for every part of n images, in parallel.
template <class F>
void for_each_part(int n, F&& body) {
  const int parts = parts_of(n);
  parallel_for(parts, [&](int part) {
    const int first = part_begin(n, parts, part);
    body(part, first, part_begin(n, parts, part + 1) - first);
  });
}

/// Adds all of sums [parts, size] to the first, in their order.
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
