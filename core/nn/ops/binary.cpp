// Functions of two numbers, with what has fewer of them repeated as ONNX says; and Where.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/error.h"
#include "nn/graph/constants.h"
#include "nn/ops/form.h"
#include "nn/ops/ranges.h"
#include "nn/ops/read.h"
#include "nn/ops/walk.h"

namespace inoculate {
namespace {

// A row of the output, of both inputs or of their gradients, and their steps.
struct Row {
  float *out, *a, *b;
  const float *x, *y, *d_out;
  Offsets<3> steps;
  std::ptrdiff_t length;
};

struct Function {
  std::string_view op;
  bool reads_in;  // slopes depend on the inputs
  void (*forward)(const Row&);
  void (*backward)(const Row&);
};

// `slope_x` and `slope_y` are the derivatives at (x, y).
template <class F, class X, class Y>
constexpr Function define(std::string_view op, bool reads_in, F, X, Y) {
  static_assert(std::is_empty_v<F> && std::is_empty_v<X> && std::is_empty_v<Y>);
  return {op, reads_in,
          [](const Row& r) {
            const auto [so, sx, sy] = r.steps;
            if (so == 1 && sx == 1 && sy == 1) {
              for (std::ptrdiff_t i = 0; i < r.length; ++i) r.out[i] = F{}(r.x[i], r.y[i]);
            } else {
              for (std::ptrdiff_t i = 0; i < r.length; ++i) {
                r.out[i * so] = F{}(r.x[i * sx], r.y[i * sy]);
              }
            }
          },
          [](const Row& r) {
            const auto [so, sx, sy] = r.steps;
            for (std::ptrdiff_t i = 0; r.a != nullptr && i < r.length; ++i) {
              r.a[i * sx] += passed_back(r.d_out[i * so], X{}(r.x[i * sx], r.y[i * sy]));
            }
            for (std::ptrdiff_t i = 0; r.b != nullptr && i < r.length; ++i) {
              r.b[i * sy] += passed_back(r.d_out[i * so], Y{}(r.x[i * sx], r.y[i * sy]));
            }
          }};
}

template <class F>
constexpr Function compare(std::string_view op, F function) {
  constexpr auto flat = [](float, float) { return 0.0F; };
  return define(op, false, function, flat, flat);
}

constexpr auto kOne = [](float, float) { return 1.0F; };
constexpr auto kX = [](float x, float) { return x; };
constexpr auto kY = [](float, float y) { return y; };
constexpr auto kPower = [](float x, float y) { return y == 2 ? x * x : std::pow(x, y); };
// Of equals both have half of the gradient.
constexpr auto kAbove = [](float x, float y) { return x > y ? 1.0F : x == y ? 0.5F : 0.0F; };
constexpr auto kBelow = [](float x, float y) { return x < y ? 1.0F : x == y ? 0.5F : 0.0F; };

constexpr Function kFunctions[] = {
    define(
        "Add", false, [](float x, float y) { return x + y; }, kOne, kOne),
    define(
        "Sub", false, [](float x, float y) { return x - y; }, kOne,
        [](float, float) { return -1.0F; }),
    define(
        "Mul", true, [](float x, float y) { return x * y; }, kY, kX),
    define(
        "Div", true, [](float x, float y) { return x / y; }, [](float, float y) { return 1 / y; },
        [](float x, float y) { return -x / (y * y); }),
    define(
        "Pow", true, kPower, [](float x, float y) { return y == 0 ? 0 : y * kPower(x, y - 1); },
        [](float x, float y) { return x > 0 ? std::log(x) * kPower(x, y) : 0; }),
    define(
        "Min", true, [](float x, float y) { return std::min(x, y); }, kBelow, kAbove),
    define(
        "Max", true, [](float x, float y) { return std::max(x, y); }, kAbove, kBelow),
    define(
        "PRelu", true, [](float x, float y) { return x < 0 ? x * y : x; },
        [](float x, float y) { return x < 0 ? y : 1.0F; },
        [](float x, float) { return x < 0 ? x : 0.0F; }),
    compare("Equal", [](float x, float y) { return x == y ? 1.0F : 0.0F; }),
    compare("Greater", [](float x, float y) { return x > y ? 1.0F : 0.0F; }),
    compare("GreaterOrEqual", [](float x, float y) { return x >= y ? 1.0F : 0.0F; }),
    compare("Less", [](float x, float y) { return x < y ? 1.0F : 0.0F; }),
    compare("LessOrEqual", [](float x, float y) { return x <= y ? 1.0F : 0.0F; }),
    // The two halves of Where: y where the condition x is true or is not, else 0.
    define(
        "Where", true, [](float x, float y) { return x != 0 ? y : 0.0F; },
        [](float, float) { return 0.0F; }, [](float x, float) { return x != 0 ? 1.0F : 0.0F; }),
    define(
        "WhereNot", true, [](float x, float y) { return x != 0 ? 0.0F : y; },
        [](float, float) { return 0.0F; }, [](float x, float) { return x != 0 ? 0.0F : 1.0F; }),
};

static_assert(kFunctions[kAddMode].op == "Add");

template <class F>
void for_each_pair(const Pass& p, F&& body) {
  const Extents& shape = p.node.shape;
  for_each_row_of<3>(p.n, shape,
                     {strides_in(shape, shape), strides_in(p.in_shape(0), shape),
                      strides_in(p.in_shape(1), shape)},
                     {p.out_size(), p.in_size(0), p.in_size(1)},
                     [&](const Offsets<3>& at, const Offsets<3>& steps, std::ptrdiff_t length) {
                       body(at, Row{nullptr, nullptr, nullptr, p.in[0] + at[1], p.in[1] + at[2],
                                    nullptr, steps, length});
                     });
}

const Function& function_of(const Pass& p) { return kFunctions[p.node.attributes.mode]; }

void forward(const Pass& p) {
  for_each_pair(p, [&](const Offsets<3>& at, Row row) {
    row.out = p.out + at[0];
    function_of(p).forward(row);
  });
}

void backward(const Pass& p) {
  for_each_pair(p, [&](const Offsets<3>& at, Row row) {
    row.d_out = p.d_out + at[0];
    if (p.d_in[0] != nullptr) row.a = p.d_in[0] + at[1];
    if (p.d_in[1] != nullptr) row.b = p.d_in[1] + at[2];
    function_of(p).backward(row);
  });
}

Value combine(Import& import, std::string_view op, const Value& a, const Value& b) {
  const auto* function = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                      [&](const Function& one) { return one.op == op; });
  const Value& like =
      a.constant == nullptr && (b.constant != nullptr || a.rank() >= b.rank()) ? a : b;
  import.require(like.constant == nullptr, "combines two constants first");
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
  attributes.mode = static_cast<int>(function - kFunctions);
  return import.add(function->reads_in ? kProduct : kSum, {x, y}, dims, like.order, attributes);
}

}  // namespace

// Attributes: mode, the function's number. The inputs of sums and comparisons are not kept: their
// slopes do not look at what they are given.
const Kernel kSum{.forward = forward, .backward = backward};
const Kernel kProduct{.forward = forward, .backward = backward, .reads_in = true};

// Calls body(out, a, b) for every number of the output and those it is of, by rising `out`.
template <class F>
static void for_each_triple(const Graph& graph, const Node& node, F&& body) {
  const Extents& shape = node.shape;
  for_each_row_of<3>(
      1, shape,
      {strides_in(shape, shape), strides_in(graph.shape(node.inputs[0]), shape),
       strides_in(graph.shape(node.inputs[1]), shape)},
      {0, 0, 0}, [&](const Offsets<3>& at, const Offsets<3>& steps, std::ptrdiff_t length) {
        for (std::ptrdiff_t i = 0; i < length; ++i) {
          body(static_cast<int>(at[0] + i * steps[0]), static_cast<int>(at[1] + i * steps[1]),
               static_cast<int>(at[2] + i * steps[2]));
        }
      });
}

static bool is_elementwise(const Graph& graph, const Node& node) {
  return std::all_of(node.inputs.begin(), node.inputs.end(),
                     [&](int input) { return graph.shape(input) == node.shape; });
}

Form sum_form(const Graph& graph, const Node& node) {
  const std::string_view op = kFunctions[node.attributes.mode].op;
  if (op != "Add" && op != "Sub") throw Error("compares numbers of the image");
  SparseForm form{{{}, {}}, {}, {}, 1, is_elementwise(graph, node)};
  for_each_triple(graph, node, [&](int out, int a, int b) {
    form.inputs[0].push_back({out, a, 1});
    form.inputs[1].push_back({out, b, op == "Add" ? 1.0 : -1.0});
  });
  return form;
}

// PRelu, of slopes that do not depend on the image.
static Form rectifier_form(const Graph& graph, const Node& node, const float* slopes) {
  if (slopes == nullptr) throw Error("has slopes that depend on the image");
  if (graph.shape(node.inputs[0]) != node.shape) throw Error("has more slopes than numbers");
  PointwiseForm form;
  form.bend = Bend::kHinge;
  form.value = [](double x, double a, double) { return x < 0 ? a * x : x; };
  form.ulps = 1;
  form.each.resize(static_cast<std::size_t>(size_of(node.shape)));
  for_each_triple(graph, node, [&](int out, int, int b) {
    form.each[static_cast<std::size_t>(out)] = double{slopes[b]};
  });
  return form;
}

// Of a product one factor must be a constant, and of a quotient the divisor.
Form product_form(const Graph& graph, const Node& node) {
  const std::string_view op = kFunctions[node.attributes.mode].op;
  const auto numbers = [&](std::size_t input) -> const float* {
    const Node& from = graph.node(node.inputs[input]);
    return from.kernel == &kConstantValue ? graph.weight(from.weights[0]) : nullptr;
  };
  if (op == "PRelu") return rectifier_form(graph, node, numbers(1));
  if (op != "Mul" && op != "Div") throw Error("has no bounds");
  const std::size_t fixed = numbers(1) != nullptr ? 1 : 0;
  const float* constant = numbers(fixed);
  if (constant == nullptr || (op == "Div" && fixed == 0)) {
    throw Error("combines two values that both depend on the image");
  }
  SparseForm form{{{}, {}}, {}, {}, 2, false};
  for_each_triple(graph, node, [&](int out, int a, int b) {
    const double factor = double{constant[fixed == 1 ? b : a]};
    form.inputs[1 - fixed].push_back({out, fixed == 1 ? a : b, op == "Div" ? 1 / factor : factor});
    if (!std::isfinite(form.inputs[1 - fixed].back().factor)) throw Error("divides by 0");
  });
  return form;
}

Value read_binary(Import& import) {
  const std::string& op = import.op();
  import.require(op == "Sum" || op == "Min" || op == "Max" || import.input_count() == 2,
                 "has another number of inputs than two");
  import.require(op != "Pow" || import.is_constant(1),
                 "raises to a power that depends on the image");
  Value result = import.in(0);
  for (std::size_t i = 1; i < import.input_count(); ++i) {
    result = combine(import, op == "Sum" ? "Add" : op, result, import.in(i));
  }
  return result;
}

Value read_where(Import& import) {
  const Value &condition = import.in(0), &x = import.in(1), &y = import.in(2);
  const auto half = [&](const char* op, const Value& value) {
    if (condition.constant == nullptr || value.constant == nullptr) {
      return combine(import, op, condition, value);
    }
    const auto zero = std::make_shared<OnnxTensor>(empty_like(*value.constant, {}));
    append(*zero, 0.0);
    const Value none{zero, -1, {}, {}};
    return op == std::string_view("Where") ? import.fold(import.node(), {condition, value, none})
                                           : import.fold(import.node(), {condition, none, value});
  };
  return combine(import, "Add", half("Where", x), half("WhereNot", y));
}

}  // namespace inoculate
