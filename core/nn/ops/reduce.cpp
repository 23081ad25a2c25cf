// ReduceMean, ReduceSum, ReduceMax and ReduceMin over any axes but the batch's.
#include <algorithm>
#include <limits>
#include <utility>

#include "nn/ops/form.h"
#include "nn/ops/read.h"
#include "nn/ops/walk.h"

namespace inoculate {
namespace {

// Calls body(in, out: one number of the input, and the one it is compared for).
template <class F>
void for_each_number(const Pass& p, F&& body) {
  const Extents &in = p.in_shape(), &out = p.node.shape;
  for_each_row_of<2>(p.n, in, {strides_in(in, in), strides_in(out, in)},
                     {p.in_size(), p.out_size()},
                     [&](const Offsets<2>& at, const Offsets<2>& steps, std::ptrdiff_t length) {
                       for (std::ptrdiff_t i = 0; i < length; ++i) {
                         body(at[0] + i * steps[0], at[1] + i * steps[1]);
                       }
                     });
}

void forward(const Pass& p) {
  const float sign = p.node.attributes.alpha;
  std::fill_n(p.out, p.n * p.out_size(), -sign * std::numeric_limits<float>::infinity());
  for_each_number(p, [&](std::ptrdiff_t in, std::ptrdiff_t out) {
    p.out[out] = sign > 0 ? std::max(p.out[out], p.in[0][in]) : std::min(p.out[out], p.in[0][in]);
  });
}

// The gradient goes to the first of the largest.
void backward(const Pass& p) {
  std::vector<float> left(p.d_out, p.d_out + p.n * p.out_size());
  for_each_number(p, [&](std::ptrdiff_t in, std::ptrdiff_t out) {
    if (p.in[0][in] != p.out[out]) return;
    p.d_in[0][in] += std::exchange(left[static_cast<std::size_t>(out)], 0.0F);
  });
}

}  // namespace

// Attributes: alpha, 1 for the largest, -1 for the smallest. Axes that are reduced have extent 1 in
// the output.
const Kernel kExtremum{
    .forward = forward, .backward = backward, .reads_in = true, .reads_out = true};

Form extremum_form(const Graph& graph, const Node& node) {
  const Extents &in = graph.shape(node.inputs[0]), &out = node.shape;
  std::vector<std::vector<int>> sets(static_cast<std::size_t>(size_of(out)));
  for_each_row_of<2>(1, in, {strides_in(in, in), strides_in(out, in)}, {0, 0},
                     [&](const Offsets<2>& at, const Offsets<2>& steps, std::ptrdiff_t length) {
                       for (std::ptrdiff_t i = 0; i < length; ++i) {
                         sets[static_cast<std::size_t>(at[1] + i * steps[1])].push_back(
                             static_cast<int>(at[0] + i * steps[0]));
                       }
                     });
  ExtremumForm form{{0}, {}, node.attributes.alpha < 0};
  for (const auto& set : sets) {
    form.members.insert(form.members.end(), set.begin(), set.end());
    form.begins.push_back(static_cast<int>(form.members.size()));
  }
  return form;
}

Value read_reduce(Import& import) {
  const Value& x = import.value(0);
  const Sizes axes = import.integers("axes", 1);
  if (axes.empty() && import.integer("noop_with_empty_axes", 0) != 0) return x;
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
  const std::string& op = import.op();
  const bool sums = op == "ReduceMean" || op == "ReduceSum";
  Attributes attributes = import.sums_over(x, reduced);
  attributes.alpha = op == "ReduceMean"  ? static_cast<float>(1 / count)
                     : op == "ReduceMin" ? -1
                                         : 1;
  Value result = import.add(sums ? kReduce : kExtremum, {x}, dims, x.order, attributes);
  if (import.integer("keepdims", 1) != 0) return result;
  std::sort(reduced.rbegin(), reduced.rend());
  for (const int axis : reduced) result = Import::without_axis(result, axis);
  return import.add(kReshape, {result}, result.dims, result.order);
}

}  // namespace inoculate
