// Parts of a value, and copies of one: Slice, Split, Gather, Expand.
#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "nn/graph/constants.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

// `count` numbers along an axis, from `begin` on.
Value part_of(Import& import, const Value& x, int axis, std::int64_t begin, std::int64_t step,
              std::int64_t count) {
  if (begin == 0 && step == 1 && count == x.dim(axis)) return x;
  Sizes strides = import.strides_of(x), dims = x.dims;
  std::int64_t& stride = strides[static_cast<std::size_t>(axis)];
  const std::int64_t offset = begin * stride;
  if (count > 1) stride *= step;  // which is any number where it takes one alone
  dims[static_cast<std::size_t>(axis)] = count;
  return import.view(x, dims, x.order, strides, offset);
}

}  // namespace

// Runs of one step each, joined.
Value taken(Import& import, const Value& x, int axis, const Sizes& indices) {
  std::vector<Value> parts;
  for (std::size_t i = 0; i < indices.size();) {
    std::size_t end = i + 1;
    const std::int64_t step = end < indices.size() ? indices[end] - indices[i] : 1;
    while (end < indices.size() && indices[end] - indices[end - 1] == step) ++end;
    parts.push_back(part_of(import, x, axis, indices[i], step, static_cast<std::int64_t>(end - i)));
    i = end;
  }
  return parts.size() == 1 ? parts[0] : join(import, parts, axis);
}

Value read_slice(Import& import) {
  Value x = import.value(0);
  const Sizes starts = import.integers("starts", 1), ends = import.integers("ends", 2);
  Sizes axes = import.integers("axes", 3), steps = import.integers("steps", 4);
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  import.require(
      ends.size() == starts.size() && axes.size() == starts.size() && steps.size() == starts.size(),
      "its starts and ends do not fit");
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const int axis = import.axis(x, axes[i], true);
    SliceRange range{};
    try {
      range = slice_range(x.dim(axis), starts[i], ends[i], steps[i]);
    } catch (const Error& error) {
      import.refuse(error.what());
    }
    if (axis == x.batch()) {
      import.require(range.begin == 0 && range.count == x.dim(axis),
                     "takes some images of a batch");
      continue;
    }
    x = part_of(import, x, axis, range.begin, steps[i], range.count);
  }
  return x;
}

Value read_split(Import& import) {
  const Value x = import.value(0);
  const int axis = import.axis(x, import.integer("axis", 0));
  Sizes sizes;
  try {
    sizes = split_sizes(x.dim(axis), import.integers("split", 1), import.output_count());
  } catch (const Error& error) {
    import.refuse(error.what());
  }
  std::vector<Value> parts;
  std::int64_t begin = 0;
  for (const std::int64_t size : sizes) {
    parts.push_back(part_of(import, x, axis, begin, 1, size));
    begin += size;
    if (parts.size() > 1) import.also(parts.back());
  }
  return parts[0];
}

Value read_gather(Import& import) {
  const Value& x = import.value(0);
  const int axis = import.axis(x, import.integer("axis", 0));
  const OnnxTensor& indices = import.constant(1);
  import.require(indices.whole && indices.dims.size() <= 1 && indices.size() > 0,
                 "has indices that are no list");
  Sizes wanted = indices.wholes;
  for (std::int64_t& index : wanted) {
    if (index < 0 && index >= -x.dim(axis)) index += x.dim(axis);
    import.require(index >= 0 && index < x.dim(axis), "takes an index that its input has not");
  }
  Value result = taken(import, x, axis, wanted);
  if (!indices.dims.empty()) return result;
  const Value less = Import::without_axis(result, axis);
  return import.add(kReshape, {result}, less.dims, less.order);
}

Value read_expand(Import& import) {
  Value x = import.value(0);
  const Sizes shape = import.integers("shape", 1);
  import.require(static_cast<int>(shape.size()) <= x.rank(),
                 "adds axes before the batch's, which is not supported");
  Sizes dims = x.dims, strides = import.strides_of(x);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::size_t axis = dims.size() - shape.size() + i;
    if (dims[axis] == shape[i] || shape[i] == 1) continue;
    import.require(dims[axis] == 1 && static_cast<int>(axis) != x.batch(),
                   "its shape does not fit its input");
    import.require(!counts_images(shape[i]), "repeats its input as often as there are images");
    dims[axis] = shape[i];
    strides[axis] = 0;
  }
  return import.view(x, dims, x.order, strides);
}

}  // namespace inoculate
