#include "nn/relu.h"

#include <algorithm>

#include "base/parallel.h"

namespace inoculate {
namespace {

// Floats a task takes; fewer are not worth a second thread.
constexpr std::size_t kChunk = 1 << 15;

template <class F>
void for_each_chunk(std::size_t size, F&& body) {
  parallel_for(static_cast<int>((size + kChunk - 1) / kChunk), [&](int chunk) {
    const std::size_t begin = static_cast<std::size_t>(chunk) * kChunk;
    body(begin, std::min(size, begin + kChunk));
  });
}

}  // namespace

void relu_forward(float* x, std::size_t size) {
  for_each_chunk(size, [x](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) x[i] = x[i] <= 0 ? 0 : x[i];
  });
}

void relu_backward(float* d, const float* out, std::size_t size) {
  for_each_chunk(size, [d, out](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const float gradient = d[i];  // read whatever `out` is: a loop without branches
      d[i] = out[i] > 0 ? gradient : 0;
    }
  });
}

}  // namespace inoculate
