// The sum of two values of one shape, clipped: what graph/simplify.h makes of an Add. Read and
// written once, where kSum would need a pass each for the sum, the clipping and two gradients.
#include "nn/ops/form.h"
#include "nn/ops/kernel.h"
#include "nn/ops/parts.h"

namespace inoculate {
namespace {

void forward(const Pass& p) {
  const float *a = p.in[0], *b = p.in[1];
  p.finish().visit([&](auto&& finish) {
    for_each_number(p.n * p.out_size(), [&](std::size_t i, auto vector) {
      using T = decltype(vector);
      store(p.out + i, finish(load(a + i, T{}) + load(b + i, T{}), p.out + i));
    });
  });
}

void backward(const Pass& p) {
  for (std::size_t input = 0; input < 2; ++input) {
    float* d_in = p.d_in[input];
    if (d_in == nullptr) continue;
    p.stores[input].visit([&](auto&& finish) {
      for_each_number(p.n * p.out_size(), [&](std::size_t i, auto vector) {
        store(d_in + i, finish(load(p.d_out + i, decltype(vector){}), d_in + i));
      });
    });
  }
}

}  // namespace

const Kernel kResidual{.forward = forward, .backward = backward, .clips = true, .stores = true};

Form residual_form(const Graph&, const Node& node) {
  const int size = size_of(node.shape);
  return SparseForm{{diagonal(size), diagonal(size)}, {}, {}, 1, true};
}

}  // namespace inoculate
