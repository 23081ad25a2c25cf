// Other shapes for the same numbers: Flatten, Reshape, Squeeze, Unsqueeze, Identity; and
// Transpose, which only says how axes are called from there on: numbers are moved where an operator
// needs them in another order (Import::reordered).
#include <algorithm>

#include "nn/ops/read.h"

namespace inoculate {

const Kernel kReshape{.alias = true};

Value read_identity(Import& import) {
  const Value& x = import.value(0);
  return import.add(kReshape, {x}, x.dims, x.order);
}

Value read_cast(Import& import) {
  constexpr std::int64_t kFloats[] = {1, 10, 11, 16};  // FLOAT, FLOAT16, DOUBLE, BFLOAT16
  import.require(std::count(std::begin(kFloats), std::end(kFloats), import.integer("to", 1)) != 0,
                 "makes the image's values other than floats");
  return read_identity(import);
}

Value read_flatten(Import& import) {
  const Value& x = import.value(0);
  const std::int64_t rank = x.rank();
  std::int64_t axis = import.integer("axis", 1);
  if (axis < 0) axis += rank;
  import.require(axis == 1 && x.batch() == 0, "joins the batch with other axes");
  std::int64_t features = 1;  // add() has bounded the product
  for (int i = 1; i < rank; ++i) features *= x.dim(i);
  return import.reshaped(x, {x.dim(0), features});
}

Value read_reshape(Import& import) {
  const Value& x = import.value(0);
  Sizes dims = import.integers("shape", 1);
  import.require(dims.size() <= 8, "has a new shape of too many axes");
  const Sizes own = Import::file_dims(x);
  const std::int64_t batch = x.dim(x.batch());
  std::int64_t known = 1, total = batch;
  for (const std::int64_t extent : Import::extents_of(x)) total *= extent;
  int open = -1;
  for (int i = 0; i < static_cast<int>(dims.size()); ++i) {
    std::int64_t& dim = dims[static_cast<std::size_t>(i)];
    if (dim == 0 && import.integer("allowzero", 0) == 0 && i < static_cast<int>(own.size())) {
      dim = own[static_cast<std::size_t>(i)];
    }
    if (dim == -1 && open < 0) {
      open = i;
      continue;
    }
    import.require(dim > 0 && dim <= total / known, "has an impossible new shape");
    known *= dim;
  }
  if (open >= 0) dims[static_cast<std::size_t>(open)] = total / known;
  return import.reshaped(x, dims);
}

Value read_squeeze(Import& import) {
  Value x = import.value(0);
  const int rank = x.rank();
  std::vector<bool> drop(static_cast<std::size_t>(rank));
  const Sizes axes = import.integers("axes", 1);
  // In a file for one image that would be the batch's too, and what follows counts the others.
  import.require(!axes.empty() || x.dim(x.batch()) != 1 || import.gives_output(),
                 "names no axes, in a file for one image; export it with axes, or for any number");
  for (const std::int64_t axis : axes) drop[static_cast<std::size_t>(import.axis(x, axis))] = true;
  for (int axis = rank - 1; axis >= 0; --axis) {
    const bool alone = x.dim(axis) == 1;
    const bool wanted = axes.empty() ? alone && axis != x.batch()
                                     : static_cast<bool>(drop[static_cast<std::size_t>(axis)]);
    import.require(!wanted || alone, "removes an axis whose extent is not 1");
    if (wanted) x = Import::without_axis(x, axis);
  }
  return import.add(kReshape, {x}, x.dims, x.order);
}

Value read_unsqueeze(Import& import) {
  Value x = import.value(0);
  Sizes axes = import.integers("axes", 1);
  const std::int64_t rank = x.rank() + static_cast<std::int64_t>(axes.size());
  for (std::int64_t& axis : axes) {
    if (axis < 0) axis += rank;
    import.require(rank <= 8 && axis >= 0 && axis < rank, "adds an axis where none can be");
  }
  std::sort(axes.begin(), axes.end());
  for (const std::int64_t axis : axes) {
    import.require(axis <= x.rank(), "adds an axis where none can be");
    const int at = static_cast<int>(axis);
    for (int& one : x.order) one += one >= at ? 1 : 0;
    x.dims.insert(x.dims.begin() + at, 1);
    // An axis of extent 1 lies anywhere; behind the batch's at least.
    x.order.push_back(at);
  }
  return import.add(kReshape, {x}, x.dims, x.order);
}

Value read_transpose(Import& import) {
  Value x = import.value(0);
  const int rank = x.rank() - x.joins + 1;
  Sizes perm = import.integers("perm");
  if (perm.empty()) {
    for (int i = rank; i-- > 0;) perm.push_back(i);
  }
  import.require(static_cast<int>(perm.size()) == rank, "its perm does not fit its input");
  Sizes dims;
  std::vector<int> now(x.dims.size(), -1);  // where the axes went
  const auto put = [&](int axis) {
    now[static_cast<std::size_t>(axis)] = static_cast<int>(dims.size());
    dims.push_back(x.dim(axis));
  };
  int joined = 0;
  for (const std::int64_t number : perm) {
    if (x.joins == 1 || number != x.joined) {
      put(import.axis(x, number, true));
      continue;
    }
    joined = static_cast<int>(dims.size());
    for (int i = 0; i < x.joins; ++i) put(x.joined + i);
  }
  import.require(dims.size() == now.size() && std::count(now.begin(), now.end(), -1) == 0,
                 "its perm names an axis twice");
  for (int& axis : x.order) axis = now[static_cast<std::size_t>(axis)];
  Value result = import.add(kReshape, {x}, dims, x.order);
  result.joined = joined;
  return result;
}

}  // namespace inoculate
