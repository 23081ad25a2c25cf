// What readers of operators ask: attributes, inputs, and values in the order that they need.
#include <algorithm>
#include <numeric>

#include "nn/graph/constants.h"
#include "nn/graph/import.h"

namespace inoculate {

int Value::place(int axis) const {
  return static_cast<int>(std::find(order.begin(), order.end(), axis) - order.begin());
}

std::int64_t Import::integer(const char* name, std::int64_t otherwise) const {
  return node_->integer(name, otherwise);
}

float Import::number(const char* name, float otherwise) const {
  const OnnxAttribute* attribute = node_->attribute(name);
  return attribute == nullptr ? otherwise : attribute->number;
}

std::string Import::text(const char* name, const char* otherwise) const {
  const OnnxAttribute* attribute = node_->attribute(name);
  return attribute == nullptr ? otherwise : attribute->text;
}

Sizes Import::integers(const char* name) const { return node_->integers(name); }

Sizes Import::integers(const char* name, std::size_t input) const {
  if (!has(input)) return integers(name);
  const OnnxTensor& tensor = constant(input);
  require(tensor.whole && tensor.dims.size() <= 1,
          "has something else than a list of whole numbers");
  return tensor.wholes;
}

bool Import::has(std::size_t input) const { return input < given_.size() && given_[input]; }

const Value& Import::in(std::size_t input) const {
  if (!has(input)) refuse("has no input " + std::to_string(input) + "; the file is damaged");
  return inputs_[input];
}

const Value& Import::value(std::size_t input) const {
  require(!is_constant(input), "has a constant where the image's values are expected");
  return in(input);
}

const OnnxTensor& Import::constant(std::size_t input) const {
  const Value& value = in(input);
  if (value.constant == nullptr) {
    refuse("has an input " + std::to_string(input) +
           " that depends on the image; only a constant is supported there");
  }
  return *value.constant;
}

const std::vector<float>& Import::constant_floats(std::size_t input, std::int64_t size) const {
  const OnnxTensor& tensor = constant(input);
  if (tensor.whole || static_cast<std::int64_t>(tensor.size()) != size) {
    refuse("has " + std::to_string(tensor.size()) + " values as input " + std::to_string(input) +
           " where " + std::to_string(size) + " floats belong");
  }
  return tensor.floats;
}

void Import::require_work(std::int64_t each, const Sizes& dims) const {
  double work = static_cast<double>(each);
  for (const std::int64_t dim : dims) work *= dim == batch_ ? 1.0 : static_cast<double>(dim);
  require(work < 1e11, "would take impossibly long");
}

int Import::axis(const Value& value, std::int64_t axis, bool batch_too) const {
  require(value.constant == nullptr, "has a constant where the image's values are expected");
  const int rank = value.rank() - value.joins + 1;
  if (axis < 0) axis += rank;
  if (axis < 0 || axis >= rank) {
    refuse("names axis " + std::to_string(axis) + " of a value of " + std::to_string(rank));
  }
  int own = static_cast<int>(axis);
  const bool batch = value.joins > 1 ? own == value.joined : own == value.batch() && !batch_too;
  require(!batch, batch_ == 1
                      ? "works along the batch's axis, which is not supported in a file for one "
                        "image either"
                      : "works along the batch, so that one image's result would depend on others");
  if (value.joins > 1 && own > value.joined) own += value.joins - 1;
  return own;
}

Sizes Import::file_dims(const Value& value) {
  Sizes dims = value.dims;
  for (int i = 1; i < value.joins; ++i) {
    const auto next = dims.begin() + value.joined + 1;
    dims[static_cast<std::size_t>(value.joined)] *= *next;  // bounded as add() has seen
    dims.erase(next);
  }
  return dims;
}

Sizes Import::extents_of(const Value& value) {
  Sizes extents;
  for (std::size_t i = 1; i < value.order.size(); ++i) extents.push_back(value.dim(value.order[i]));
  if (extents.empty()) extents.push_back(1);
  return extents;
}

Value Import::reordered(const Value& value, const std::vector<int>& order) {
  require(value.constant == nullptr, "has a constant where the image's values are expected");
  if (order == value.order) return value;
  require(order.front() == value.batch(), "has the batch in another place than first");
  int last = 0;
  bool moves = false;  // axes of extent 1 may go anywhere without a number moving
  for (std::size_t i = 1; i < order.size(); ++i) {
    if (value.dim(order[i]) == 1) continue;
    moves = moves || value.place(order[i]) < last;
    last = value.place(order[i]);
  }
  if (!moves) return add(kReshape, {value}, value.dims, order);
  return view(value, value.dims, order, strides_of(value));
}

Sizes Import::strides_of(const Value& value) const {
  require_fits(value.dims, extents_of(value), 0);
  Sizes strides(value.dims.size());
  std::int64_t stride = 1;
  for (std::size_t i = value.order.size(); i-- > 1;) {
    strides[static_cast<std::size_t>(value.order[i])] = stride;
    stride *= value.dim(value.order[i]);
  }
  return strides;
}

Attributes Import::view_of(const Sizes& strides, const std::vector<int>& order,
                           std::int64_t offset) {
  Attributes attributes;
  attributes.offset = static_cast<int>(offset);
  for (std::size_t i = 1; i < order.size(); ++i) {
    attributes.axes.push_back(static_cast<int>(strides[static_cast<std::size_t>(order[i])]));
  }
  if (attributes.axes.empty()) attributes.axes.push_back(0);
  return attributes;
}

Attributes Import::sums_over(const Value& value, const std::vector<int>& axes) const {
  Value sums = value;
  for (const int axis : axes) sums.dims[static_cast<std::size_t>(axis)] = 1;
  Sizes strides = strides_of(sums);
  for (const int axis : axes) strides[static_cast<std::size_t>(axis)] = 0;
  return view_of(strides, value.order);
}

Value Import::view(const Value& value, const Sizes& dims, const std::vector<int>& order,
                   const Sizes& strides, std::int64_t offset) {
  return add(kView, {value}, dims, order, view_of(strides, order, offset));
}

Value Import::channels_last(const Value& value) {
  require(value.constant == nullptr && value.rank() >= 3 && value.batch() == 0,
          "needs an input of [N, channels, positions...]");
  std::vector<int> order{0};
  for (int i = 2; i < value.rank(); ++i) order.push_back(i);
  order.push_back(1);
  return reordered(value, order);
}

Value Import::file_order(const Value& value) {
  require(value.constant == nullptr, "has a constant where the image's values are expected");
  std::vector<int> order{value.batch()};
  for (int i = 0; i < value.rank(); ++i) {
    if (i != value.batch()) order.push_back(i);
  }
  return reordered(value, order);
}

Value Import::as_node(const Value& value, const Value& like) {
  if (value.constant == nullptr) {
    require(value.rank() == like.rank() && value.batch() == like.batch() &&
                value.joins == like.joins && (value.joins == 1 || value.joined == like.joined),
            "combines values of different ranks, or whose batch is at different axes");
    return reordered(value, like.order);
  }
  const OnnxTensor& tensor = *value.constant;
  Value result{nullptr, -1, tensor.dims, like.order};
  require(result.rank() <= like.rank() && tensor.size() > 0,
          "has a constant of more axes than its other input, or an empty one");
  result.dims.insert(result.dims.begin(), static_cast<std::size_t>(like.rank() - result.rank()), 1);
  require(result.dim(like.batch()) == 1, "has a constant with numbers for every image of a batch");
  for (int i = 0; like.joins > 1 && i < like.joined + like.joins; ++i) {
    require(result.dim(i) == 1, "has a constant with numbers for every image of a batch");
  }
  Sizes strides(result.dims.size());
  std::int64_t stride = 1;
  for (std::size_t i = strides.size(); i-- > 0; stride *= result.dims[i]) strides[i] = stride;
  // The numbers in the order in which the value has them.
  Sizes dims;
  for (const int axis : like.order) dims.push_back(result.dim(axis));
  std::vector<float> numbers;
  for_each_index(dims, [&](const Sizes& index) {
    std::int64_t from = 0;
    for (std::size_t i = 0; i < index.size(); ++i) {
      from += index[i] * strides[static_cast<std::size_t>(like.order[i])];
    }
    numbers.push_back(static_cast<float>(tensor.at(static_cast<std::size_t>(from))));
  });
  result.node = add(kConstantValue, {}, result.dims, result.order, {},
                    {weight("constant", numbers, Role::kConstant)})
                    .node;
  result.joined = like.joined;
  result.joins = like.joins;
  return result;
}

Value Import::without_axis(Value value, int axis) {
  value.dims.erase(value.dims.begin() + axis);
  std::erase(value.order, axis);
  for (int& one : value.order) one -= one > axis ? 1 : 0;
  return value;
}

Value Import::reshaped(const Value& value, const Sizes& dims) {
  const Value flat = file_order(value);
  Value result{nullptr, -1, dims, {}};
  std::size_t at = 0;  // the axis of dims that holds the batch
  std::int64_t before = 1, rest = dims.empty() ? 0 : dims[0];  // what it holds on both sides of it
  // A batch of one may stand anywhere; a free one keeps its place among the numbers.
  if (batch_ > 1) {
    for (int i = 0; i < value.batch(); ++i) before *= value.dim(i);
    while (at < dims.size() && dims[at] % batch_ != 0) {
      require(dims[at] > 0 && before % dims[at] == 0,
              "has a new shape that mixes the images of a batch");
      before /= dims[at++];
    }
    rest = at < dims.size() ? dims[at] / batch_ : 0;
    require(rest > 0 && rest % before == 0, "has a new shape that mixes the images of a batch");
    rest /= before;
  }
  require(rest > 0, "has an impossible new shape");
  const auto place = result.dims.erase(result.dims.begin() + static_cast<std::ptrdiff_t>(at));
  Sizes parts{batch_};
  if (before > 1) parts.insert(parts.begin(), before);
  if (rest > 1) parts.push_back(rest);
  result.dims.insert(place, parts.begin(), parts.end());
  result.joined = static_cast<int>(at);
  result.joins = static_cast<int>(parts.size());
  const int batch = result.joined + (before > 1 ? 1 : 0);
  result.order.push_back(batch);
  for (int i = 0; i < result.rank(); ++i) {
    if (i != batch) result.order.push_back(i);
  }
  require(element_count(extents_of(result)) == element_count(extents_of(flat)),
          "has a new shape of another size");
  result.node = add(kReshape, {flat}, result.dims, result.order).node;
  return result;
}

}  // namespace inoculate
