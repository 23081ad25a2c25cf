// Axes in another order. A Transpose of the file only says how axes are called from there on; what
// moves numbers is added where an operator needs them in another order (Import::reordered).
#include <algorithm>

#include "base/parallel.h"
#include "nn/ops/read.h"
#include "nn/ops/walk.h"

namespace inoculate {
namespace {

// Calls body(out, in: where a row begins; their strides along it; its length).
template <class F>
void for_each_row_of(const Pass& p, F&& body) {
  const Extents &in = p.in_shape(), &shape = p.node.shape;
  const std::vector<std::ptrdiff_t> own = strides_in(in, in);
  std::array<std::vector<std::ptrdiff_t>, 2> strides{strides_in(shape, shape), {}};
  for (const int axis : p.node.attributes.axes) {
    strides[1].push_back(own[static_cast<std::size_t>(axis)]);
  }
  parallel_for(static_cast<int>(p.n), [&](int number) {
    const std::size_t begin = static_cast<std::size_t>(number) * p.out_size();
    for_each_row<2>(shape, strides, [&](const std::array<std::ptrdiff_t, 2>& at) {
      body(begin + static_cast<std::size_t>(at[0]), begin + static_cast<std::size_t>(at[1]),
           strides[1].back(), shape.back());
    });
  });
}

void forward(const Pass& p) {
  for_each_row_of(p, [&](std::size_t out, std::size_t in, std::ptrdiff_t step, int length) {
    const float* from = p.in[0] + in;
    for (std::ptrdiff_t i = 0; i < length; ++i)
      p.out[out + static_cast<std::size_t>(i)] = from[i * step];
  });
}

void backward(const Pass& p) {
  for_each_row_of(p, [&](std::size_t out, std::size_t in, std::ptrdiff_t step, int length) {
    float* to = p.d_in[0] + in;
    for (std::ptrdiff_t i = 0; i < length; ++i)
      to[i * step] += p.d_out[out + static_cast<std::size_t>(i)];
  });
}

}  // namespace

// Attributes: axes[i] is which axis of the input, the batch not counted, is axis i of the output.
const Kernel kTranspose{.forward = forward, .backward = backward};

Value read_transpose(Import& import) {
  Value x = import.in(0);
  Sizes perm = import.integers("perm");
  if (perm.empty()) {
    for (int i = x.rank(); i-- > 0;) perm.push_back(i);
  }
  import.require(static_cast<int>(perm.size()) == x.rank(), "its perm does not fit its input");
  Sizes dims;
  std::vector<int> now(perm.size(), -1);  // where the file's axes went
  for (std::size_t i = 0; i < perm.size(); ++i) {
    const int axis = import.axis(x, perm[i], true);
    dims.push_back(x.dim(axis));
    now[static_cast<std::size_t>(axis)] = static_cast<int>(i);
  }
  import.require(std::count(now.begin(), now.end(), -1) == 0, "its perm names an axis twice");
  for (int& axis : x.order) axis = now[static_cast<std::size_t>(axis)];
  return import.add(kReshape, {x}, dims, x.order);
}

}  // namespace inoculate
