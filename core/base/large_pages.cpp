#include "base/large_pages.h"

#include <cstdlib>
#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace inoculate {
namespace {

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

void* allocate_in_large_pages(std::size_t bytes) {
  std::size_t unit = kCacheLine;
#if defined(__linux__)
  constexpr std::size_t kLargePage = 1 << 21;
  if (bytes >= kLargePage / 2) unit = kLargePage;
#endif
  const std::size_t size = round_up(bytes, unit);
  void* memory = std::aligned_alloc(unit, size);
  if (memory == nullptr) throw std::bad_alloc();
#if defined(__linux__)
  // Advice: where it is not heeded, the pages are small.
  if (unit == kLargePage) madvise(memory, size, MADV_HUGEPAGE);
#endif
  return memory;
}

void free_large_pages(void* memory) { std::free(memory); }

}  // namespace inoculate
