// Softmax, and its logarithm. At the end of a network a softmax is left out, since logits are asked
// for.
#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

// Calls body(where a softmax begins, how far apart its numbers lie, how many there are).
template <class F>
void for_each_sum(const Pass& p, F&& body) {
  const auto count = static_cast<std::size_t>(p.node.attributes.axes[0]);
  const auto inner = static_cast<std::size_t>(p.node.attributes.axes[1]);
  parallel_for(static_cast<int>(p.n), [&](int number) {
    const std::size_t begin = static_cast<std::size_t>(number) * p.out_size();
    for (std::size_t outer = 0; outer < p.out_size(); outer += count * inner) {
      for (std::size_t i = 0; i < inner; ++i) body(begin + outer + i, inner, count);
    }
  });
}

template <bool kLog>
void forward(const Pass& p) {
  for_each_sum(p, [&](std::size_t at, std::size_t step, std::size_t count) {
    const float* x = p.in[0] + at;
    float* y = p.out + at;
    float largest = x[0], sum = 0;
    for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, x[i * step]);
    for (std::size_t i = 0; i < count; ++i) sum += y[i * step] = std::exp(x[i * step] - largest);
    const float log_sum = std::log(sum);
    for (std::size_t i = 0; i < count; ++i) {
      y[i * step] = kLog ? (x[i * step] - largest) - log_sum : y[i * step] / sum;
    }
  });
}

template <bool kLog>
void backward(const Pass& p) {
  for_each_sum(p, [&](std::size_t at, std::size_t step, std::size_t count) {
    const float *y = p.out + at, *d = p.d_out + at;
    float sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += d[i * step] * (kLog ? 1 : y[i * step]);
    float* to = p.d_in[0] + at;
    for (std::size_t i = 0; i < count; ++i) {
      to[i * step] +=
          kLog ? d[i * step] - sum * std::exp(y[i * step]) : y[i * step] * (d[i * step] - sum);
    }
  });
}

}  // namespace

// Attributes: axes[0] numbers make a sum, axes[1] floats apart.
const Kernel kSoftmax{.forward = forward<false>, .backward = backward<false>, .reads_out = true};
const Kernel kLogSoftmax{.forward = forward<true>, .backward = backward<true>, .reads_out = true};

Value read_softmax(Import& import) {
  const bool flattens = import.opset() < 13;  // all axes from this one on are one sum then
  const Value x = import.file_order(import.in(0));
  import.require(x.batch() == 0, "its input has the batch in another place than first");
  const int axis = import.axis(x, import.integer("axis", flattens ? 1 : -1));
  std::int64_t count = 1, inner = 1;
  for (int i = axis; i < x.rank(); ++i) (i == axis || flattens ? count : inner) *= x.dim(i);
  Attributes attributes;
  attributes.axes = {static_cast<int>(count), static_cast<int>(inner)};
  return import.add(import.op() == "Softmax" ? kSoftmax : kLogSoftmax, {x}, x.dims, x.order,
                    attributes);
}

}  // namespace inoculate
