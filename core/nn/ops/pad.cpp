// Pad: by a constant, or by what the value itself has.
#include <algorithm>

#include "nn/ops/read.h"

namespace inoculate {
namespace {

// Which of `extent` numbers stands at place `i`, from before the first to behind the last on.
std::int64_t index_at(const std::string& mode, std::int64_t i, std::int64_t extent) {
  if (mode == "edge") return std::clamp<std::int64_t>(i, 0, extent - 1);
  if (mode == "wrap") return (i % extent + extent) % extent;
  i = i < 0 ? -i : i;  // reflect
  return i < extent ? i : 2 * (extent - 1) - i;
}

// One pad before and one behind for every axis, the batch's 0.
Sizes read_pads(Import& import, const Value& x) {
  Sizes pads = import.integers("pads", 1);
  if (import.has(3)) {
    const Sizes axes = import.integers("axes", 3);
    import.require(pads.size() == 2 * axes.size(), "has another number of pads than axes");
    Sizes all(2 * x.dims.size());
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const auto axis = static_cast<std::size_t>(import.axis(x, axes[i]));
      all[axis] = pads[i];
      all[x.dims.size() + axis] = pads[axes.size() + i];
    }
    pads = all;
  }
  import.require(pads.size() == 2 * x.dims.size(), "has another number of pads than axes");
  const auto batch = static_cast<std::size_t>(x.batch());
  import.require(pads[batch] == 0 && pads[x.dims.size() + batch] == 0, "pads the batch");
  return pads;
}

}  // namespace

Value read_pad(Import& import) {
  Value x = import.value(0);
  const std::string mode = import.text("mode", "constant");
  import.require(mode == "constant" || mode == "edge" || mode == "wrap" || mode == "reflect",
                 "pads in a mode that is not supported");
  Sizes pads = read_pads(import, x);
  Sizes dims = x.dims;
  for (std::size_t axis = 0; axis < dims.size(); ++axis) {
    std::int64_t &before = pads[axis], &after = pads[dims.size() + axis], extent = dims[axis];
    import.require(mode != "wrap" || (before >= 0 && after >= 0),
                   "wraps around what it cuts, which is not supported");
    const std::int64_t most = mode == "reflect" ? std::min<std::int64_t>(4096, extent - 1) : 4096;
    import.require(std::abs(before) <= most && std::abs(after) <= most &&
                       extent + std::min(before, after) > 0 && extent + before + after > 0,
                   "has pads that are impossible, or impossibly large");
    Sizes indices;  // what is not filled with a constant; nothing where that is all there is
    for (std::int64_t i = -before; before != 0 || after != 0 ? i < extent + after : false; ++i) {
      if (mode != "constant") indices.push_back(index_at(mode, i, extent));
      if (mode == "constant" && i >= 0 && i < extent) indices.push_back(i);
    }
    dims[axis] += before + after;
    before = std::max<std::int64_t>(before, 0);
    after = std::max<std::int64_t>(after, 0);
    if (!indices.empty()) x = taken(import, x, static_cast<int>(axis), indices);
  }
  if (mode != "constant") return x;
  const Value result{nullptr, -1, dims, x.order};
  const Sizes strides = import.strides_of(result);
  std::int64_t offset = 0;
  for (std::size_t axis = 0; axis < dims.size(); ++axis) offset += pads[axis] * strides[axis];
  Attributes attributes = Import::view_of(strides, x.order, offset);
  attributes.alpha = 1;
  attributes.beta = import.has(2) ? import.constant_floats(2, 1)[0] : import.number("value", 0);
  return import.add(kPad, {x}, dims, x.order, attributes);
}

}  // namespace inoculate
