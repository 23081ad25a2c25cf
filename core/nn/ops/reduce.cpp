// ReduceMean and ReduceSum over any axes but the batch's.
#include <algorithm>

#include "base/parallel.h"
#include "nn/ops/read.h"
#include "nn/ops/walk.h"

namespace inoculate {
namespace {

// Calls body(in: where a row begins; out: the sum its first number goes to; by how much that moves
// along the row; its length).
template <class F>
void for_each_row_of(const Pass& p, F&& body) {
  const Extents& in = p.in_shape();
  const std::array<std::vector<std::ptrdiff_t>, 2> strides{strides_in(in, in),
                                                           strides_in(p.node.shape, in)};
  parallel_for(static_cast<int>(p.n), [&](int number) {
    const auto image = static_cast<std::size_t>(number);
    for_each_row<2>(in, strides, [&](const std::array<std::ptrdiff_t, 2>& at) {
      body(image * p.in_size() + static_cast<std::size_t>(at[0]),
           image * p.out_size() + static_cast<std::size_t>(at[1]), strides[1].back(), in.back());
    });
  });
}

void forward(const Pass& p) {
  std::fill_n(p.out, p.n * p.out_size(), 0.0F);
  for_each_row_of(p, [&](std::size_t in, std::size_t out, std::ptrdiff_t step, int length) {
    for (std::ptrdiff_t i = 0; i < length; ++i) (p.out + out)[i * step] += (p.in[0] + in)[i];
  });
  for (std::size_t i = 0; i < p.n * p.out_size(); ++i) p.out[i] *= p.node.attributes.alpha;
}

void backward(const Pass& p) {
  const float part = p.node.attributes.alpha;
  for_each_row_of(p, [&](std::size_t in, std::size_t out, std::ptrdiff_t step, int length) {
    for (std::ptrdiff_t i = 0; i < length; ++i) {
      (p.d_in[0] + in)[i] += part * (p.d_out + out)[i * step];
    }
  });
}

}  // namespace

// Attributes: alpha, what sums are multiplied by. Axes that are reduced have extent 1 in the
// output.
const Kernel kReduce{.forward = forward, .backward = backward};

Value read_reduce(Import& import) {
  const Value& x = import.in(0);
  const Sizes axes = import.integers("axes", 1);
  import.require(!axes.empty(), "reduces all axes, the batch too");
  Sizes dims = x.dims;
  double count = 1;
  std::vector<int> reduced;
  for (const std::int64_t axis : axes) {
    const int own = import.axis(x, axis);
    import.require(std::count(reduced.begin(), reduced.end(), own) == 0, "names an axis twice");
    reduced.push_back(own);
    count *= static_cast<double>(x.dim(own));
    dims[static_cast<std::size_t>(own)] = 1;
  }
  Attributes attributes;
  attributes.alpha = import.op() == "ReduceMean" ? static_cast<float>(1 / count) : 1.0F;
  Value sum = import.add(kReduce, {x}, dims, x.order, attributes);
  if (import.integer("keepdims", 1) != 0) return sum;
  std::sort(reduced.rbegin(), reduced.rend());
  for (const int axis : reduced) sum = Import::without_axis(sum, axis);
  return import.add(kReshape, {sum}, sum.dims, sum.order);
}

}  // namespace inoculate
