// Normalizer of ai.onnx.ml: every image's features divided by their norm.
#include <cmath>

#include "base/parallel.h"
#include "nn/ops/scikit_learn.h"

namespace inoculate {
namespace {

// L1 (mode 1) or L2 (mode 2) of the features of one image; features that are all 0 stay so.
double norm_of(const float* x, std::size_t size, int mode) {
  double sum = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto value = static_cast<double>(x[i]);
    sum += mode == 1 ? std::abs(value) : value * value;
  }
  return sum == 0 ? 1 : mode == 1 ? sum : std::sqrt(sum);
}

void forward(const Pass& p) {
  const std::size_t size = p.out_size();
  parallel_for(static_cast<int>(p.n), [&](int image) {
    const std::size_t at = static_cast<std::size_t>(image) * size;
    const double norm = norm_of(p.in[0] + at, size, p.node.attributes.mode);
    for (std::size_t i = at; i < at + size; ++i) {
      p.out[i] = static_cast<float>(static_cast<double>(p.in[0][i]) / norm);
    }
  });
}

// The norm's own slope is y in L2, the signs of x in L1.
void backward(const Pass& p) {
  const std::size_t size = p.out_size();
  const int mode = p.node.attributes.mode;
  parallel_for(static_cast<int>(p.n), [&](int image) {
    const std::size_t at = static_cast<std::size_t>(image) * size;
    const double norm = norm_of(p.in[0] + at, size, mode);
    double along = 0;
    for (std::size_t i = at; i < at + size; ++i) {
      along += static_cast<double>(p.d_out[i]) * static_cast<double>(p.in[0][i]) / norm;
    }
    for (std::size_t i = at; i < at + size; ++i) {
      const auto x = static_cast<double>(p.in[0][i]);
      const double slope = mode == 2 ? x / norm : (x > 0) - (x < 0);
      p.d_in[0][i] += static_cast<float>((static_cast<double>(p.d_out[i]) - along * slope) / norm);
    }
  });
}

const Kernel kNormalizer{.forward = forward, .backward = backward, .reads_in = true};

}  // namespace

Value read_normalizer(Import& import) {
  const Value x = import.file_order(import.value(0));
  import.require(x.rank() == 2 && x.batch() == 0, "is given something else than [N, features]");
  const std::string norm = import.text("norm", "MAX");
  import.require(norm == "L1" || norm == "L2", "divides by another norm than L1 or L2");
  Attributes attributes;
  attributes.mode = norm == "L1" ? 1 : 2;
  return import.add(kNormalizer, {x}, x.dims, x.order, attributes);
}

}  // namespace inoculate
