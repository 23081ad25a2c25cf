// A sum of two values of one shape, each times a number, clipped: what bounds are turned into each
// other by (graph/bounds_graph.h), and what graph/simplify.h makes of an Add, which kSum would read
// and write once more for the clipping and for each gradient.
#include "nn/ops/kernel.h"
#include "nn/ops/ranges.h"

namespace inoculate {
namespace {

void forward(const Pass& p) {
  const float *a = p.in[0], *b = p.in[1];
  const float of_a = p.node.attributes.alpha, of_b = p.node.attributes.beta;
  p.finish().visit([&](auto&& finish) {
    for_each_number(p.n * p.out_size(), [&](std::size_t i, auto v) {
      store(p.out + i, finish(of_a * load(a + i, v) + of_b * load(b + i, v), p.out + i));
    });
  });
}

void backward(const Pass& p) {
  for (std::size_t input = 0; input < 2; ++input) {
    float* d_in = p.d_in[input];
    if (d_in == nullptr) continue;
    const float factor = input == 0 ? p.node.attributes.alpha : p.node.attributes.beta;
    p.stores[input].visit([&](auto&& finish) {
      for_each_number(p.n * p.out_size(), [&](std::size_t i, auto v) {
        store(d_in + i, finish(factor * load(p.d_out + i, v), d_in + i));
      });
    });
  }
}

}  // namespace

// Attributes: alpha and beta, what the first and the second input are multiplied by.
const Kernel kCombination{.forward = forward, .backward = backward, .clips = true, .stores = true};

}  // namespace inoculate
