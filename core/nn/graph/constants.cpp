#include "nn/graph/constants.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "base/error.h"

namespace inoculate {
namespace {

constexpr std::int64_t kMostValues = std::int64_t{1} << 27;

using Binary = double (*)(double, double);
using Unary = double (*)(double);
using Shapes = OnnxTensor (*)(const ConstantNode&);

double divide_wholes(double a, double b) {
  if (b == 0) throw Error("divides a whole number by 0");
  return std::trunc(a / b);
}

// With the sign of b. Where a file says fmod, as it must for floats, std::fmod has that of a.
double modulo(double a, double b) {
  if (b == 0) throw Error("divides a number by 0");
  return a - std::floor(a / b) * b;
}

Binary binary_function(const ConstantNode& e) {
  const std::string& op = e.node.op;
  static const std::map<std::string, Binary> functions{
      {"Add", [](double a, double b) { return a + b; }},
      {"Sub", [](double a, double b) { return a - b; }},
      {"Mul", [](double a, double b) { return a * b; }},
      {"Sum", [](double a, double b) { return a + b; }},
      {"Div", [](double a, double b) { return a / b; }},
      {"Mod", modulo},
      {"Pow", [](double a, double b) { return std::pow(a, b); }},
      {"Min", [](double a, double b) { return std::min(a, b); }},
      {"Max", [](double a, double b) { return std::max(a, b); }},
      {"Equal", [](double a, double b) { return a == b ? 1.0 : 0.0; }},
      {"Greater", [](double a, double b) { return a > b ? 1.0 : 0.0; }},
      {"GreaterOrEqual", [](double a, double b) { return a >= b ? 1.0 : 0.0; }},
      {"Less", [](double a, double b) { return a < b ? 1.0 : 0.0; }},
      {"LessOrEqual", [](double a, double b) { return a <= b ? 1.0 : 0.0; }}};
  if (op == "Div" && e.has(0) && e.in(0).whole) return divide_wholes;
  if (op == "Mod" && e.integer("fmod", 0) != 0) return std::fmod;
  const auto found = functions.find(op);
  return found == functions.end() ? nullptr : found->second;
}

Unary unary_function(const std::string& op) {
  static const std::map<std::string, Unary> functions{
      {"Abs", [](double x) { return std::abs(x); }},
      {"Erf", [](double x) { return std::erf(x); }},
      {"Log", [](double x) { return std::log(x); }},
      {"Neg", [](double x) { return -x; }},
      {"Not", [](double x) { return x == 0 ? 1.0 : 0.0; }},
      {"Reciprocal", [](double x) { return 1 / x; }},
      {"Sqrt", [](double x) { return std::sqrt(x); }},
      {"Exp", [](double x) { return std::exp(x); }},
      {"Floor", [](double x) { return std::floor(x); }},
      {"Ceil", [](double x) { return std::ceil(x); }}};
  const auto found = functions.find(op);
  return found == functions.end() ? nullptr : found->second;
}

Shapes shape_function(const std::string& op) {
  static const std::map<std::string, Shapes> functions{
      {"Reshape", constant_reshape},         {"Squeeze", constant_squeeze},
      {"Unsqueeze", constant_unsqueeze},     {"Concat", constant_concat},
      {"Gather", constant_gather},           {"Slice", constant_slice},
      {"Transpose", constant_transpose},     {"Expand", constant_expand},
      {"ConstantOfShape", constant_of_shape}};
  const auto found = functions.find(op);
  return found == functions.end() ? nullptr : found->second;
}

// The least and the largest whole number of a type.
std::pair<double, double> reach_of(int type) {
  switch (type) {
    case OnnxTensor::kBool:
      return {0.0, 1.0};
    case OnnxTensor::kUint8:
      return {0.0, 255.0};
    case OnnxTensor::kInt8:
      return {-128.0, 127.0};
    case OnnxTensor::kUint16:
      return {0.0, 65535.0};
    case OnnxTensor::kInt16:
      return {-32768.0, 32767.0};
    case OnnxTensor::kUint32:
      return {0.0, 0x1p32 - 1};
    case OnnxTensor::kInt32:
      return {-0x1p31, 0x1p31 - 1};
    default:
      return {-9e18, 9e18};
  }
}

// A whole number where the batch has one image.
double of_one_image(double number) {
  const double images = number / static_cast<double>(kFreeBatch);
  return number != 0 && images == std::trunc(images) ? images : number;
}
double of_one_image(const OnnxTensor& tensor, std::size_t i) {
  return tensor.whole ? of_one_image(tensor.at(i)) : tensor.at(i);
}

void require_any_batch(bool holds) {
  if (!holds) throw Error("works with how many images there are, which is known only later");
}
// `result` was worked out with a free batch, `single` for one image: both must be a number that
// does not depend on the batch, or so many times it.
void require_any_batch(double result, double single) {
  require_any_batch(of_one_image(result) == single);
}

OnnxTensor combine(const std::string& op, const OnnxTensor& a, const OnnxTensor& b,
                   Binary function) {
  OnnxTensor result = empty_like(a, broadcast_dims(a.dims, b.dims));
  if (op == "Equal" || op.starts_with("Greater") || op.starts_with("Less")) {
    result.whole = true;
    result.type = OnnxTensor::kBool;
  } else if (op != "Pow") {
    result.whole = a.whole && b.whole;
  }
  for_each_index(result.dims, [&](const Sizes& index) {
    const std::size_t at_a = broadcast_place(a, index), at_b = broadcast_place(b, index);
    const double x = a.at(at_a), one_x = of_one_image(a, at_a);
    const double y = b.at(at_b), one_y = of_one_image(b, at_b);
    const double value = function(x, y);
    if (one_x != x || one_y != y) {
      require_any_batch(result.whole);
      require_any_batch(value, function(one_x, one_y));
      // Between one image and very many, these may yet differ.
      require_any_batch(op != "Equal" || (x < y) == (one_x < one_y));
      require_any_batch(op != "Mod" || value == 0);
    }
    append(result, value);
  });
  return result;
}

OnnxTensor apply(Unary function, const OnnxTensor& x) {
  OnnxTensor result = empty_like(x, x.dims);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double number = x.at(i), single = of_one_image(x, i), value = function(number);
    if (single != number) require_any_batch(value, function(single));
    append(result, value);
  }
  return result;
}

OnnxTensor literal(const OnnxNode& node) {
  for (const OnnxAttribute& attribute : node.attributes) {
    if (attribute.tensor != nullptr) return *attribute.tensor;
    OnnxTensor result;
    if (attribute.name == "value_float") {
      result.floats = {attribute.number};
    } else if (attribute.name == "value_floats") {
      result.floats = attribute.numbers;
    } else if (attribute.name == "value_int") {
      result.wholes = {attribute.integer};
    } else if (attribute.name == "value_ints") {
      result.wholes = attribute.integers;
    } else {
      continue;
    }
    result.whole = result.floats.empty();
    if (attribute.name.ends_with('s')) result.dims = {static_cast<std::int64_t>(result.size())};
    return result;
  }
  throw Error("holds no constant of a kind that is supported");
}

OnnxTensor cast(const ConstantNode& e) {
  const OnnxTensor& x = e.in(0);
  OnnxTensor result = empty_like(x, x.dims);
  const std::int64_t to = e.integer("to", 1);
  result.type = static_cast<int>(std::clamp<std::int64_t>(to, 0, 99));
  result.whole = OnnxTensor::is_whole(result.type);
  for (std::size_t i = 0; i < x.size(); ++i) {
    require_any_batch(result.whole || of_one_image(x, i) == x.at(i));
    if (result.type == OnnxTensor::kBool) {
      append(result, x.at(i) != 0 ? 1.0 : 0.0);
    } else if (x.whole && result.type == OnnxTensor::kInt64) {  // also what no double holds
      append(result, x, i);
    } else {
      append(result, result.whole ? std::trunc(x.at(i)) : x.at(i));
    }
  }
  return result;
}

OnnxTensor where(const ConstantNode& e) {
  const OnnxTensor &condition = e.in(0), &x = e.in(1), &y = e.in(2);
  if (x.whole != y.whole) throw Error("chooses between different kinds of numbers");
  OnnxTensor result = empty_like(x, broadcast_dims(condition.dims, broadcast_dims(x.dims, y.dims)));
  for_each_index(result.dims, [&](const Sizes& at) {
    const OnnxTensor& from = condition.at(broadcast_place(condition, at)) != 0 ? x : y;
    append(result, from, broadcast_place(from, at));
  });
  return result;
}

OnnxTensor range(const ConstantNode& e) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (e.in(i).size() != 1) throw Error("has no range of one number to another");
    require_any_batch(of_one_image(e.in(i), 0) == e.in(i).at(0));
  }
  const double start = e.in(0).at(0), step = e.in(2).at(0);
  const double count = std::max(0.0, std::ceil((e.in(1).at(0) - start) / step));
  if (!(count <= 1e7)) throw Error("makes an impossible range");
  OnnxTensor result = empty_like(e.in(0), {static_cast<std::int64_t>(count)});
  for (std::int64_t i = 0; i < result.dims[0]; ++i) {
    append(result, start + static_cast<double>(i) * step);
  }
  return result;
}

OnnxTensor shape(const OnnxTensor& of) {
  OnnxTensor result;
  result.whole = true;
  result.wholes = of.dims;
  result.dims = {static_cast<std::int64_t>(of.dims.size())};
  return result;
}

OnnxTensor single_result(const ConstantNode& e) {
  const OnnxNode& node = e.node;
  const std::string& op = node.op;
  if (op == "Constant") return literal(node);
  if (op == "Cast") return cast(e);
  if (op == "Where") return where(e);
  if (op == "Range") return range(e);
  if (op == "Shape") return shape(e.in(0));
  if (op == "Identity") return e.in(0);
  if (const Shapes function = shape_function(op)) return function(e);
  if (const Unary function = unary_function(op)) return apply(function, e.in(0));
  if (const Binary function = binary_function(e)) {
    OnnxTensor result = e.in(0);
    for (std::size_t i = 1; i < e.inputs.size(); ++i)
      result = combine(op, result, e.in(i), function);
    return result;
  }
  throw Error("has constants alone as inputs, which is not supported for it");
}

}  // namespace

std::vector<SharedTensor> evaluate_constants(const OnnxNode& node,
                                             const std::vector<const OnnxTensor*>& inputs) {
  const ConstantNode e{node, inputs};
  if (node.op == "Split") return constant_split(e);
  return {std::make_shared<OnnxTensor>(single_result(e))};
}

const OnnxTensor& ConstantNode::in(std::size_t i) const {
  if (!has(i)) throw Error("has no input " + std::to_string(i) + "; the file is damaged");
  return *inputs[i];
}

std::int64_t ConstantNode::integer(const char* name, std::int64_t otherwise) const {
  return node.integer(name, otherwise);
}

Sizes ConstantNode::integers(const char* name, std::size_t input) const {
  return has(input) ? wholes(input) : node.integers(name);
}

const Sizes& ConstantNode::wholes(std::size_t i) const {
  if (!in(i).whole) throw Error("has floats where whole numbers belong");
  return in(i).wholes;
}

std::size_t ConstantNode::axis(std::int64_t axis, std::size_t rank) {
  if (axis < 0) axis += static_cast<std::int64_t>(rank);
  if (axis < 0 || axis >= static_cast<std::int64_t>(rank)) {
    throw Error("names an axis that its input has not");
  }
  return static_cast<std::size_t>(axis);
}

std::size_t constant_size(const Sizes& dims) {
  const auto count = element_count(dims);
  if (!count || *count > kMostValues) throw Error("makes an impossibly large constant");
  return static_cast<std::size_t>(*count);
}

OnnxTensor empty_like(const OnnxTensor& like, Sizes dims) {
  OnnxTensor tensor;
  tensor.whole = like.whole;
  tensor.type = like.type;
  tensor.dims = std::move(dims);
  return tensor;
}

void append(OnnxTensor& to, double value) {
  if (!to.whole) {
    to.floats.push_back(static_cast<float>(value));
    return;
  }
  // How many images there are may be any number.
  const auto [low, high] = reach_of(of_one_image(value) == value ? to.type : OnnxTensor::kInt64);
  if (!(value >= low && value <= high)) {
    throw Error("works out a whole number that its type does not hold");
  }
  to.wholes.push_back(static_cast<std::int64_t>(value));
}

void append(OnnxTensor& to, const OnnxTensor& from, std::size_t i) {
  if (to.whole) {
    to.wholes.push_back(from.wholes[i]);
  } else {
    to.floats.push_back(from.floats[i]);
  }
}

std::size_t broadcast_place(const OnnxTensor& tensor, const Sizes& index) {
  std::size_t place = 0;
  const std::size_t skip = index.size() - tensor.dims.size();
  for (std::size_t i = 0; i < tensor.dims.size(); ++i) {
    const std::int64_t extent = tensor.dims[i];
    place = place * static_cast<std::size_t>(extent) +
            static_cast<std::size_t>(extent == 1 ? 0 : index[i + skip]);
  }
  return place;
}

Sizes broadcast_dims(const Sizes& a, const Sizes& b) {
  Sizes dims(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const auto from = [&](const Sizes& s) { return i < s.size() ? s[s.size() - 1 - i] : 1; };
    const std::int64_t x = from(a), y = from(b);
    if (x != y && x != 1 && y != 1) throw Error("combines constants whose shapes do not fit");
    dims[dims.size() - 1 - i] = x == 1 ? y : x;
  }
  return dims;
}

}  // namespace inoculate
