// Memory in large pages.
//
// A processor remembers where some two thousand pages lie. Of 4 kB each that is less than training
// touches in one step, and every image it draws from a shuffled data set lies in yet another; in
// pages of 2 MB all of it is known.
#pragma once

#include <cstddef>
#include <limits>
#include <new>

namespace inoculate {

inline constexpr int kCacheLine = 64;  ///< bytes

/// Memory for `bytes` bytes from the start of a cache line on: in large pages if that is worth it
/// and the system has them. Throws std::bad_alloc.
void* allocate_in_large_pages(std::size_t bytes);
void free_large_pages(void* memory);

/// The same as an allocator for containers.
template <class T>
struct LargePages {
  using value_type = T;

  LargePages() = default;
  template <class U>
  LargePages(const LargePages<U>&) {}

  T* allocate(std::size_t count) {
    if (count > std::numeric_limits<std::size_t>::max() / 2 / sizeof(T)) throw std::bad_alloc();
    return static_cast<T*>(allocate_in_large_pages(count * sizeof(T)));
  }
  void deallocate(T* memory, std::size_t) { free_large_pages(memory); }
  bool operator==(const LargePages&) const = default;
};

}  // namespace inoculate
