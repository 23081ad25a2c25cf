// Constants whose numbers are put in other places.
#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "nn/graph/constants.h"

namespace inoculate {
namespace {

constexpr std::int64_t kLargestExtent = std::int64_t{1} << 28;

OnnxTensor with_dims(const OnnxTensor& tensor, Sizes dims) {
  if (constant_size(dims) != tensor.size()) throw Error("gives a constant a shape of another size");
  OnnxTensor result = tensor;
  result.dims = std::move(dims);
  return result;
}

// The tensor of `dims` whose number at an index is x's at number place(index).
template <class F>
OnnxTensor rearranged(const OnnxTensor& x, const Sizes& dims, F&& place) {
  OnnxTensor result = empty_like(x, dims);
  for_each_index(dims, [&](const Sizes& at) { append(result, x, place(at)); });
  return result;
}

// The same through a view: the number at an index is `first` and the index times `strides` on.
OnnxTensor seen(const OnnxTensor& x, const Sizes& dims, std::int64_t first, const Sizes& strides) {
  return rearranged(x, dims, [&](const Sizes& at) {
    return static_cast<std::size_t>(
        std::inner_product(at.begin(), at.end(), strides.begin(), first));
  });
}

Sizes strides_of(const Sizes& dims) {
  Sizes strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) strides[i - 1] = strides[i] * dims[i];
  return strides;
}

// What is repeated for every image of a free batch is kept once.
Sizes once(Sizes dims) {
  std::replace(dims.begin(), dims.end(), kFreeBatch, std::int64_t{1});
  return dims;
}

}  // namespace

SliceRange slice_range(std::int64_t extent, std::int64_t start, std::int64_t end,
                       std::int64_t step) {
  constexpr std::int64_t kFar = std::int64_t{1} << 40;
  if (step == 0) throw Error("slices with a step of 0");
  if (counts_images(start) || counts_images(end) || counts_images(step)) {
    throw Error("takes a part that depends on how many images there are");
  }
  if (extent == 0) return {0, 0};
  const auto bound = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
    at = std::clamp(at, -kFar, kFar);
    return std::clamp(at < 0 ? at + extent : at, low, high);
  };
  const bool forwards = step > 0;
  const std::int64_t first = bound(start, 0, forwards ? extent : extent - 1);
  const std::int64_t last = bound(end, forwards ? 0 : -1, forwards ? extent : extent - 1);
  const std::int64_t span = forwards ? last - first : first - last;
  const std::int64_t size = std::min(kFar, forwards ? step : -std::max(step, -kFar));
  return {first, std::max<std::int64_t>(0, (span + size - 1) / size)};
}

Sizes split_sizes(std::int64_t extent, Sizes sizes, std::size_t outputs) {
  if (sizes.empty()) {
    const auto count = static_cast<std::int64_t>(outputs);
    const std::int64_t each = (extent + count - 1) / std::max<std::int64_t>(count, 1);
    for (std::int64_t i = 0; i < count; ++i) sizes.push_back(std::min(each, extent - i * each));
  }
  for (const std::int64_t size : sizes) {
    if (size <= 0 || size > extent) throw Error("splits its input impossibly");
    extent -= size;
  }
  if (extent != 0 || sizes.size() != outputs) throw Error("splits its input impossibly");
  return sizes;
}

OnnxTensor constant_reshape(const ConstantNode& e) {
  const OnnxTensor& x = e.in(0);
  Sizes dims = e.integers("shape", 1);
  std::int64_t known = 1;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && e.integer("allowzero", 0) == 0) {
      if (i >= x.dims.size()) throw Error("copies an extent that its input has not");
      dims[i] = x.dims[i];
    }
    if (dims[i] > kLargestExtent) throw Error("makes an impossibly large constant");
    if (dims[i] > 0) known = std::min(known * dims[i], kLargestExtent);
  }
  for (std::int64_t& dim : dims) {
    if (dim == -1) dim = static_cast<std::int64_t>(x.size()) / std::max<std::int64_t>(known, 1);
  }
  return with_dims(x, dims);
}

OnnxTensor constant_squeeze(const ConstantNode& e) {
  const OnnxTensor& x = e.in(0);
  const Sizes axes = e.integers("axes", 1);
  std::vector<bool> drop(x.dims.size());
  for (const std::int64_t axis : axes) drop[e.axis(axis, drop.size())] = true;
  Sizes dims;
  for (std::size_t i = 0; i < x.dims.size(); ++i) {
    const bool dropped = axes.empty() ? x.dims[i] == 1 : drop[i];
    if (!dropped) dims.push_back(x.dims[i]);
  }
  return with_dims(x, dims);
}

OnnxTensor constant_unsqueeze(const ConstantNode& e) {
  const OnnxTensor& x = e.in(0);
  const Sizes axes = e.integers("axes", 1);
  const std::size_t rank = x.dims.size() + axes.size();
  if (rank > 8) throw Error("makes a constant of too many axes");
  Sizes dims(rank, 0);
  for (const std::int64_t axis : axes) dims[e.axis(axis, rank)] = 1;
  std::size_t next = 0;
  for (std::int64_t& dim : dims) {
    if (dim == 1) continue;
    if (next >= x.dims.size()) throw Error("names an axis twice");
    dim = x.dims[next++];
  }
  return with_dims(x, dims);
}

OnnxTensor constant_concat(const ConstantNode& e) {
  const std::size_t axis = e.axis(e.integer("axis", 0), e.in(0).dims.size());
  Sizes dims = e.in(0).dims;
  dims[axis] = 0;
  for (std::size_t i = 0; i < e.inputs.size(); ++i) {
    const OnnxTensor& x = e.in(i);
    if (x.dims.size() != dims.size() || x.whole != e.in(0).whole)
      throw Error("joins constants that do not fit");
    for (std::size_t k = 0; k < dims.size(); ++k) {
      if (k != axis && x.dims[k] != dims[k]) throw Error("joins constants that do not fit");
    }
    dims[axis] += x.dims[axis];
  }
  OnnxTensor result = empty_like(e.in(0), dims);
  for_each_index(dims, [&](const Sizes& at) {
    Sizes index = at;
    std::size_t from = 0;
    while (index[axis] >= e.in(from).dims[axis]) index[axis] -= e.in(from++).dims[axis];
    append(result, e.in(from), broadcast_place(e.in(from), index));
  });
  return result;
}

OnnxTensor constant_gather(const ConstantNode& e) {
  const OnnxTensor& x = e.in(0);
  const OnnxTensor& indices = e.in(1);
  const std::size_t axis = e.axis(e.integer("axis", 0), x.dims.size());
  const auto split = static_cast<std::ptrdiff_t>(axis);
  const auto rank = static_cast<std::ptrdiff_t>(indices.dims.size());
  const Sizes numbers = e.wholes(1), strides = strides_of(x.dims);
  Sizes dims = x.dims;
  dims.erase(dims.begin() + split);
  dims.insert(dims.begin() + split, indices.dims.begin(), indices.dims.end());
  return rearranged(x, dims, [&](const Sizes& at) {
    std::int64_t k =
        numbers[broadcast_place(indices, {at.begin() + split, at.begin() + split + rank})];
    if (k < 0) k += x.dims[axis];
    if (k < 0 || k >= x.dims[axis]) throw Error("takes an index that its input has not");
    Sizes index = at;
    index.erase(index.begin() + split, index.begin() + split + rank);
    index.insert(index.begin() + split, k);
    return static_cast<std::size_t>(
        std::inner_product(index.begin(), index.end(), strides.begin(), std::int64_t{0}));
  });
}

OnnxTensor constant_slice(const ConstantNode& e) {
  const OnnxTensor& x = e.in(0);
  const Sizes starts = e.integers("starts", 1), ends = e.integers("ends", 2);
  Sizes axes = e.integers("axes", 3);
  const Sizes steps = e.has(4) ? e.wholes(4) : Sizes(starts.size(), 1);
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size()) {
    throw Error("its starts and ends do not fit");
  }
  Sizes dims = x.dims, strides = strides_of(dims);
  std::int64_t first = 0;
  std::vector<bool> cut(dims.size());
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const std::size_t axis = e.axis(axes[i], dims.size());
    if (cut[axis]) throw Error("names an axis twice");
    cut[axis] = true;
    const SliceRange range = slice_range(x.dims[axis], starts[i], ends[i], steps[i]);
    first += range.begin * strides[axis];
    strides[axis] *= range.count > 1 ? steps[i] : 1;
    dims[axis] = range.count;
  }
  return seen(x, dims, first, strides);
}

std::vector<SharedTensor> constant_split(const ConstantNode& e) {
  const OnnxTensor& x = e.in(0);
  const std::size_t axis = e.axis(e.integer("axis", 0), x.dims.size());
  const Sizes strides = strides_of(x.dims);
  std::vector<SharedTensor> parts;
  Sizes dims = x.dims;
  std::int64_t first = 0;
  for (const std::int64_t size :
       split_sizes(x.dims[axis], e.integers("split", 1), e.node.outputs.size())) {
    dims[axis] = size;
    parts.push_back(std::make_shared<OnnxTensor>(seen(x, dims, first, strides)));
    first += size * strides[axis];
  }
  return parts;
}

OnnxTensor constant_transpose(const ConstantNode& e) {
  const OnnxTensor& x = e.in(0);
  Sizes perm = e.integers("perm", 99);
  if (perm.empty()) {
    for (std::size_t i = x.dims.size(); i-- > 0;) perm.push_back(static_cast<std::int64_t>(i));
  }
  if (perm.size() != x.dims.size()) throw Error("its perm does not fit");
  Sizes dims, strides;
  std::vector<bool> named(perm.size());
  for (const std::int64_t number : perm) {
    const std::size_t axis = e.axis(number, perm.size());
    if (named[axis]) throw Error("its perm is not an order of axes");
    named[axis] = true;
    dims.push_back(x.dims[axis]);
    strides.push_back(strides_of(x.dims)[axis]);
  }
  return seen(x, dims, 0, strides);
}

OnnxTensor constant_expand(const ConstantNode& e) {
  const OnnxTensor& x = e.in(0);
  return rearranged(x, broadcast_dims(x.dims, once(e.wholes(1))),
                    [&](const Sizes& at) { return broadcast_place(x, at); });
}

OnnxTensor constant_of_shape(const ConstantNode& e) {
  OnnxTensor zero;
  zero.floats = {0};
  const OnnxAttribute* value = e.node.attribute("value");
  const OnnxTensor& from = value != nullptr && value->tensor != nullptr ? *value->tensor : zero;
  if (from.size() != 1) throw Error("fills with a value that is none");
  OnnxTensor result = empty_like(from, once(e.wholes(0)));
  for (std::size_t i = constant_size(result.dims); i > 0; --i) append(result, from, 0);
  return result;
}

}  // namespace inoculate
