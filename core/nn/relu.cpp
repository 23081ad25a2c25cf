#include "nn/relu.h"

#include "nn/ops/ranges.h"

namespace inoculate {

void relu_forward(float* x, std::size_t size) {
  for_each_range(size, [x](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) x[i] = x[i] <= 0 ? 0 : x[i];
  });
}

void relu_backward(float* d, const float* out, std::size_t size) {
  for_each_range(size, [d, out](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const float gradient = d[i];  // read whatever `out` is: a loop without branches
      d[i] = out[i] > 0 ? gradient : 0;
    }
  });
}

}  // namespace inoculate
