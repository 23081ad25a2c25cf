// LayerNormalization, InstanceNormalization and GroupNormalization: groups of an image's numbers
// less their mean, over their deviation; then a scale and a shift of every channel.
#include <algorithm>
#include <cmath>
#include <vector>

#include "nn/ops/read.h"
#include "nn/ops/walk.h"

namespace inoculate {
namespace {

// Which group every number of an image is of: strides[1] is 0 along what is normalised.
struct Groups {
  Extents shape;
  Strides<2> strides;
  std::size_t count;
  double each;  // numbers of one

  // Calls body(number, group) for all numbers of an image.
  template <class F>
  void for_each(F&& body) const {
    for_each_row<2>(shape, strides, [&](const Offsets<2>& at) {
      for (std::ptrdiff_t i = 0; i < shape.back(); ++i) {
        body(static_cast<std::size_t>(at[0] + i * strides[0].back()),
             static_cast<std::size_t>(at[1] + i * strides[1].back()));
      }
    });
  }
};

Groups groups_of(const Pass& p) {
  const Attributes& a = p.node.attributes;
  Groups g{p.node.shape,
           {strides_in(p.node.shape, p.node.shape), {a.axes.begin(), a.axes.end()}},
           static_cast<std::size_t>(a.groups),
           0};
  join_axes(g.shape, g.strides);
  g.each = static_cast<double>(p.out_size()) / a.groups;
  return g;
}

struct Moments {
  std::vector<double> mean, scale;  // scale: 1 / deviation
};

Moments moments_of(const float* x, const Groups& g, float epsilon) {
  Moments m{std::vector<double>(g.count), std::vector<double>(g.count)};
  g.for_each([&](std::size_t i, std::size_t k) { m.mean[k] += x[i]; });
  for (double& mean : m.mean) mean /= g.each;
  g.for_each(
      [&](std::size_t i, std::size_t k) { m.scale[k] += (x[i] - m.mean[k]) * (x[i] - m.mean[k]); });
  for (double& scale : m.scale) scale = 1 / std::sqrt(scale / g.each + epsilon);
  return m;
}

void forward(const Pass& p) {
  const Groups g = groups_of(p);
  parallel_for(static_cast<int>(p.n), [&](int image) {
    const float* x = p.in[0] + static_cast<std::size_t>(image) * p.out_size();
    float* y = p.out + static_cast<std::size_t>(image) * p.out_size();
    const Moments m = moments_of(x, g, p.node.attributes.beta);
    g.for_each([&](std::size_t i, std::size_t k) {
      y[i] = static_cast<float>((x[i] - m.mean[k]) * m.scale[k]);
    });
  });
}

// d_x = scale (d_y - mean of d_y - y times the mean of d_y y)
void backward(const Pass& p) {
  const Groups g = groups_of(p);
  parallel_for(static_cast<int>(p.n), [&](int image) {
    const std::size_t begin = static_cast<std::size_t>(image) * p.out_size();
    const float *y = p.out + begin, *d = p.d_out + begin;
    const Moments m = moments_of(p.in[0] + begin, g, p.node.attributes.beta);
    std::vector<double> sums(g.count), products(g.count);
    g.for_each([&](std::size_t i, std::size_t k) {
      sums[k] += d[i];
      products[k] += static_cast<double>(d[i]) * y[i];
    });
    g.for_each([&](std::size_t i, std::size_t k) {
      p.d_in[0][begin + i] +=
          static_cast<float>(m.scale[k] * (d[i] - (sums[k] + y[i] * products[k]) / g.each));
    });
  });
}

Value normalised(Import& import, const Value& x, const std::vector<int>& axes) {
  Attributes attributes = import.sums_over(x, axes);
  std::int64_t groups = 1;  // add() has bounded the product
  for (int axis = 0; axis < x.rank(); ++axis) {
    const bool inside = std::count(axes.begin(), axes.end(), axis) != 0;
    if (!inside && axis != x.batch()) groups *= x.dim(axis);
  }
  attributes.groups = static_cast<int>(groups);
  attributes.beta = import.number("epsilon", 1e-5F);
  import.require(attributes.beta >= 0, "its epsilon is negative");
  return import.add(kNormalise, {x}, x.dims, x.order, attributes);
}

// Scale and shift of what lies last, each number of the file's for `repeat` channels.
Value scaled(Import& import, const Value& x, std::int64_t repeat) {
  const std::int64_t channels = x.dim(x.order.back());
  const auto repeated = [&](std::size_t input) {
    const std::vector<float>& numbers = import.constant_floats(input, channels / repeat);
    std::vector<float> all;
    for (const float one : numbers) all.insert(all.end(), static_cast<std::size_t>(repeat), one);
    return all;
  };
  const std::vector<float> none(static_cast<std::size_t>(channels));
  return import.add(kAffine, {x}, x.dims, x.order, {},
                    {import.weight("scale", repeated(1)),
                     import.weight("shift", import.has(2) ? repeated(2) : none)});
}

}  // namespace

// Attributes: axes, groups as Groups has them; beta, which is added to the variance.
const Kernel kNormalise{
    .forward = forward, .backward = backward, .reads_in = true, .reads_out = true};

Value read_layer_norm(Import& import) {
  const Value x = import.file_order(import.in(0));
  const int axis = import.axis(x, import.integer("axis", -1));
  Sizes dims(x.dims.begin(), x.dims.begin() + axis + 1);
  for (int i = axis + 1; i < x.rank(); ++i) dims.back() *= x.dim(i);
  const Value flat = axis + 1 == x.rank() ? x : import.reshaped(x, dims);
  const Value result = scaled(import, normalised(import, flat, {axis}), 1);
  return axis + 1 == x.rank() ? result : import.reshaped(result, x.dims);
}

Value read_instance_norm(Import& import) {
  const Value x = import.channels_last(import.in(0));
  std::vector<int> axes;
  for (int i = 2; i < x.rank(); ++i) axes.push_back(i);
  return scaled(import, normalised(import, x, axes), 1);
}

Value read_group_norm(Import& import) {
  const Value x = import.channels_last(import.in(0));
  const std::int64_t groups = import.integer("num_groups", 1);
  import.require(groups > 0 && x.dim(1) % groups == 0 && x.rank() < 8,
                 "its channels cannot be cut into as many groups");
  Value parts = x;
  parts.dims[1] /= groups;
  parts.dims.insert(parts.dims.begin() + 1, groups);
  std::vector<int> axes{2};
  parts.order = {0};
  for (int i = 3; i < parts.rank(); ++i) {
    parts.order.push_back(i);
    axes.push_back(i);
  }
  parts.order.insert(parts.order.end(), {1, 2});
  parts = import.add(kReshape, {x}, parts.dims, parts.order);
  const Value whole = import.add(kReshape, {normalised(import, parts, axes)}, x.dims, x.order);
  return scaled(import, whole, import.opset() < 21 ? x.dim(1) / groups : 1);
}

}  // namespace inoculate
