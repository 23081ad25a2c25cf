// Numbers that do not depend on the image, in the place of a value: the same for every image.
#include <algorithm>

#include "nn/ops/column_sums.h"
#include "nn/ops/form.h"

namespace inoculate {
namespace {

void forward(const Pass& p) {
  for (std::size_t image = 0; image < p.n; ++image) {
    std::copy_n(p.weight(0), p.out_size(), p.out + image * p.out_size());
  }
}

void backward_weights(const Pass& p) {
  add_sums(p.d_weights[0],
           column_sums(p.d_out, nullptr, nullptr, p.n, static_cast<int>(p.out_size())).of_d);
}

}  // namespace

// Weights: the numbers.
const Kernel kConstantValue{.forward = forward, .backward_weights = backward_weights};

Form constant_form(const Graph& graph, const Node& node) {
  const float* numbers = graph.weight(node.weights[0]);
  return SparseForm{{}, {numbers, numbers + size_of(node.shape)}, {}, 0, false};
}

}  // namespace inoculate
