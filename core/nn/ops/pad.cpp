// Pad with a constant.
#include <algorithm>

#include "base/parallel.h"
#include "nn/ops/read.h"
#include "nn/ops/walk.h"

namespace inoculate {
namespace {

// Calls body(out, in: where a row of the input lies in both) for all images.
template <class F>
void for_each_row_of(const Pass& p, F&& body) {
  const Extents& in = p.in_shape();
  const std::array<std::vector<std::ptrdiff_t>, 2> strides{strides_in(p.node.shape, p.node.shape),
                                                           strides_in(in, in)};
  std::size_t corner = 0;  // where the input's first number lies in the output
  for (std::size_t i = 0; i < in.size(); ++i) {
    corner += static_cast<std::size_t>(p.node.attributes.axes[i]) *
              static_cast<std::size_t>(strides[0][i]);
  }
  parallel_for(static_cast<int>(p.n), [&](int number) {
    const auto image = static_cast<std::size_t>(number);
    for_each_row<2>(in, strides, [&](const std::array<std::ptrdiff_t, 2>& at) {
      body(image * p.out_size() + corner + static_cast<std::size_t>(at[0]),
           image * p.in_size() + static_cast<std::size_t>(at[1]));
    });
  });
}

void forward(const Pass& p) {
  std::fill_n(p.out, p.n * p.out_size(), p.node.attributes.alpha);
  for_each_row_of(p, [&](std::size_t out, std::size_t in) {
    std::copy_n(p.in[0] + in, p.in_shape().back(), p.out + out);
  });
}

void backward(const Pass& p) {
  for_each_row_of(p, [&](std::size_t out, std::size_t in) {
    const auto count = static_cast<std::size_t>(p.in_shape().back());
    for (std::size_t i = 0; i < count; ++i) p.d_in[0][in + i] += p.d_out[out + i];
  });
}

}  // namespace

// Attributes: axes[i], how many lie before the input along axis i (the batch not counted); alpha,
// what is put there.
const Kernel kPad{.forward = forward, .backward = backward};

Value read_pad(Import& import) {
  const Value& x = import.in(0);
  import.require(import.text("mode", "constant") == "constant",
                 "pads by something else than a constant, which is not supported");
  import.require(!import.has(3), "pads only some axes, which is not supported");
  const Sizes pads = import.integers("pads", 1);
  import.require(pads.size() == 2 * x.dims.size(), "has another number of pads than axes");
  Attributes attributes;
  attributes.alpha = import.has(2) ? import.constant_floats(2, 1)[0] : import.number("value", 0);
  Sizes dims = x.dims;
  for (const int axis : x.order) {
    const auto i = static_cast<std::size_t>(axis);
    const std::int64_t before = pads[i], after = pads[dims.size() + i];
    import.require(before >= 0 && after >= 0 && before <= 4096 && after <= 4096,
                   "has pads that are negative or impossibly large");
    if (axis == x.batch()) {
      import.require(before == 0 && after == 0, "pads the batch");
      continue;
    }
    dims[i] += before + after;
    attributes.axes.push_back(static_cast<int>(before));
  }
  return import.add(kPad, {x}, dims, x.order, attributes);
}

}  // namespace inoculate
