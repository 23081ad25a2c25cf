// Add, Sub, Mul, Div and Sum, with what has fewer numbers repeated as ONNX says.
#include <algorithm>

#include "base/parallel.h"
#include "nn/ops/read.h"
#include "nn/ops/walk.h"

namespace inoculate {
namespace {

enum Mode : int { kAdd = kAddMode, kSub, kMul, kDiv };

using Strides3 = std::array<std::vector<std::ptrdiff_t>, 3>;  // of out, a and b

// Calls body(out, a, b: where a row begins; their strides along it; its length) for all rows of
// all images.
template <class F>
void for_each_row_of(const Pass& p, F&& body) {
  Extents shape = p.node.shape;
  Strides3 strides{strides_in(p.node.shape, shape), strides_in(p.in_shape(0), shape),
                   strides_in(p.in_shape(1), shape)};
  join_axes(shape, strides);
  const std::array<std::ptrdiff_t, 3> steps{strides[0].back(), strides[1].back(),
                                            strides[2].back()};
  parallel_for(static_cast<int>(p.n), [&](int number) {
    const auto image = static_cast<std::size_t>(number);
    const std::size_t begin[3] = {image * p.out_size(), image * p.in_size(0), image * p.in_size(1)};
    for_each_row<3>(shape, strides, [&](const std::array<std::ptrdiff_t, 3>& at) {
      body(begin[0] + static_cast<std::size_t>(at[0]), begin[1] + static_cast<std::size_t>(at[1]),
           begin[2] + static_cast<std::size_t>(at[2]), steps, shape.back());
    });
  });
}

template <class F>
void map(const Pass& p, F&& function) {
  for_each_row_of(
      p, [&](std::size_t out, std::size_t a, std::size_t b, const auto& steps, int length) {
        float* to = p.out + out;
        const float *x = p.in[0] + a, *y = p.in[1] + b;
        if (steps[0] == 1 && steps[1] == 1 && steps[2] == 1) {
          for (int i = 0; i < length; ++i) to[i] = function(x[i], y[i]);
        } else {
          for (std::ptrdiff_t i = 0; i < length; ++i) {
            to[i * steps[0]] = function(x[i * steps[1]], y[i * steps[2]]);
          }
        }
      });
}

// slope(x, y, d) gives the two gradients for d, the output's.
template <class F>
void map_slopes(const Pass& p, F&& slope) {
  for_each_row_of(
      p, [&](std::size_t out, std::size_t a, std::size_t b, const auto& steps, int length) {
        float* d_a = p.d_in[0] == nullptr ? nullptr : p.d_in[0] + a;
        float* d_b = p.d_in[1] == nullptr ? nullptr : p.d_in[1] + b;
        for (std::ptrdiff_t i = 0; i < length; ++i) {
          const std::ptrdiff_t at = i * steps[1], bt = i * steps[2];
          const auto [to_a, to_b] = slope(p.in[0] + a + at, p.in[1] + b + bt,
                                          p.d_out[out + static_cast<std::size_t>(i * steps[0])]);
          if (d_a != nullptr) d_a[at] += to_a;
          if (d_b != nullptr) d_b[bt] += to_b;
        }
      });
}

struct Slopes {
  float a, b;
};

void forward(const Pass& p) {
  switch (p.node.attributes.mode) {
    case kAdd:
      return map(p, [](float x, float y) { return x + y; });
    case kSub:
      return map(p, [](float x, float y) { return x - y; });
    case kMul:
      return map(p, [](float x, float y) { return x * y; });
    case kDiv:
      return map(p, [](float x, float y) { return x / y; });
  }
}

// The pointers of sums are not read from: their inputs are not kept.
void backward(const Pass& p) {
  switch (p.node.attributes.mode) {
    case kAdd:
      return map_slopes(p, [](const float*, const float*, float d) { return Slopes{d, d}; });
    case kSub:
      return map_slopes(p, [](const float*, const float*, float d) { return Slopes{d, -d}; });
    case kMul:
      return map_slopes(p, [](const float* x, const float* y, float d) {
        return Slopes{d * *y, d * *x};
      });
    case kDiv:
      return map_slopes(p, [](const float* x, const float* y, float d) {
        return Slopes{d / *y, -d * *x / (*y * *y)};
      });
  }
}

Value combine(Import& import, Mode mode, const Value& a, const Value& b) {
  import.require(a.constant == nullptr || b.constant == nullptr, "adds two constants first");
  const Value& like =
      a.constant == nullptr && (b.constant != nullptr || a.rank() >= b.rank()) ? a : b;
  const Value x = import.as_node(a, like), y = import.as_node(b, like);
  Sizes dims = x.dims;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    import.require(dims[i] == y.dims[i] || dims[i] == 1 || y.dims[i] == 1,
                   "its inputs' shapes do not fit each other");
    dims[i] = dims[i] == 1 ? y.dims[i] : dims[i];
  }
  // The batch lies at the same place in both, whatever a constant has there.
  dims[static_cast<std::size_t>(like.batch())] = like.dim(like.batch());
  Attributes attributes;
  attributes.mode = mode;
  return import.add(mode == kMul || mode == kDiv ? kProduct : kSum, {x, y}, dims, like.order,
                    attributes);
}

}  // namespace

// Attributes: mode.
const Kernel kSum{.forward = forward, .backward = backward};
const Kernel kProduct{.forward = forward, .backward = backward, .reads_in = true};

Value read_binary(Import& import) {
  const std::string& op = import.op();
  const Mode mode = op == "Sub" ? kSub : op == "Mul" ? kMul : op == "Div" ? kDiv : kAdd;
  import.require(op == "Sum" || import.input_count() == 2, "has another number of inputs than two");
  Value result = import.in(0);
  for (std::size_t i = 1; i < import.input_count(); ++i) {
    result = combine(import, mode, result, import.in(i));
  }
  return result;
}

}  // namespace inoculate
