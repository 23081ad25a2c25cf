// Functions of one number.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <string_view>

#include "nn/ops/ranges.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

// `a` and `b` are the operator's parameters. `known` is what the slope is worked out from: what the
// function gave, so that what it was given need not be kept; or what it was given.
struct Function {
  std::string_view op;
  const Kernel* kernel;
  void (*forward)(float* out, const float* in, std::size_t count, float a, float b);
  void (*backward)(float* d_in, const float* d_out, const float* known, std::size_t count, float a,
                   float b);
};

template <class F, class S>
constexpr Function define(std::string_view op, const Kernel& kernel, F, S) {
  static_assert(std::is_empty_v<F> && std::is_empty_v<S>);
  return {
      op, &kernel,
      [](float* out, const float* in, std::size_t count, float a, float b) {
        for (std::size_t i = 0; i < count; ++i) out[i] = F{}(in[i], a, b);
      },
      [](float* d_in, const float* d_out, const float* known, std::size_t count, float a, float b) {
        for (std::size_t i = 0; i < count; ++i)
          d_in[i] += passed_back(d_out[i], S{}(known[i], a, b));
      }};
}

float sigmoid(float x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }
float softplus(float x) { return std::max(x, 0.0F) + std::log1p(std::exp(-std::abs(x))); }

constexpr float kRootHalf = 0.7071067812F, kTwoOverRootPi = 1.128379167F;
float erf_slope(float x) { return kTwoOverRootPi * std::exp(-x * x); }
// The normal distribution's function; and as GELU's authors approximate it, which is the sigmoid of
// twice what they take tanh of.
float normal(float x) { return 0.5F * std::erfc(-x * kRootHalf); }
constexpr float kScale = 1.595769122F, kCubic = 0.044715F;
float near_normal(float x) { return sigmoid(kScale * (x + kCubic * x * x * x)); }

constexpr Function kFunctions[] = {
    // Of these the slope follows from what they give, also where that is 0 for all below 0.
    define(
        "Clip", kActivation,  // to a..b; a NaN stays one
        [](float x, float a, float b) { return x < a   ? a
                                               : x > b ? b
                                                       : x; },
        [](float y, float a, float b) { return y > a && y < b ? 1.0F : 0.0F; }),
    define(
        "LeakyRelu", kActivation, [](float x, float a, float) { return x < 0 ? a * x : x; },
        [](float y, float a, float) { return y <= 0 ? a : 1.0F; }),
    define(
        "Elu", kActivation,  // b (e^x - 1) a below 0, b x above
        [](float x, float a, float b) { return b * (x < 0 ? a * std::expm1(x) : x); },
        [](float y, float a, float b) { return y <= 0 ? y + a * b : b; }),
    define(
        "Sigmoid", kActivation, [](float x, float, float) { return sigmoid(x); },
        [](float y, float, float) { return y * (1 - y); }),
    define(
        "HardSigmoid", kActivation,
        [](float x, float a, float b) { return std::clamp(a * x + b, 0.0F, 1.0F); },
        [](float y, float a, float) { return y > 0 && y < 1 ? a : 0.0F; }),
    define(
        "Tanh", kActivation, [](float x, float, float) { return std::tanh(x); },
        [](float y, float, float) { return 1 - y * y; }),
    define(
        "Exp", kActivation, [](float x, float, float) { return std::exp(x); },
        [](float y, float, float) { return y; }),
    define(
        "Sqrt", kActivation, [](float x, float, float) { return std::sqrt(x); },
        [](float y, float, float) { return 0.5F / y; }),
    define(
        "Reciprocal", kActivation, [](float x, float, float) { return 1 / x; },
        [](float y, float, float) { return -y * y; }),
    // Of these it does not.
    define(
        "Abs", kUnary, [](float x, float, float) { return std::abs(x); },
        [](float x, float, float) { return x > 0   ? 1.0F
                                           : x < 0 ? -1.0F
                                                   : 0.0F; }),
    define(
        "Ceil", kUnary, [](float x, float, float) { return std::ceil(x); },
        [](float, float, float) { return 0.0F; }),
    define(
        "Erf", kUnary, [](float x, float, float) { return std::erf(x); },
        [](float x, float, float) { return erf_slope(x); }),
    define(
        "Floor", kUnary, [](float x, float, float) { return std::floor(x); },
        [](float, float, float) { return 0.0F; }),
    define(
        "Gelu", kUnary, [](float x, float, float) { return x * normal(x); },
        [](float x, float, float) {
          return normal(x) + 0.5F * kRootHalf * x * erf_slope(x * kRootHalf);
        }),
    define(
        "GeluTanh", kUnary, [](float x, float, float) { return x * near_normal(x); },
        [](float x, float, float) {
          const float p = near_normal(x);
          return p + x * p * (1 - p) * kScale * (1 + 3 * kCubic * x * x);
        }),
    define(
        "HardSwish", kUnary,
        [](float x, float, float) { return x * std::clamp(x / 6 + 0.5F, 0.0F, 1.0F); },
        [](float x, float, float) { return x <= -3  ? 0.0F
                                           : x >= 3 ? 1.0F
                                                    : x / 3 + 0.5F; }),
    define(
        "Log", kUnary, [](float x, float, float) { return std::log(x); },
        [](float x, float, float) { return 1 / x; }),
    define(
        "Mish", kUnary, [](float x, float, float) { return x * std::tanh(softplus(x)); },
        [](float x, float, float) {
          const float t = std::tanh(softplus(x));
          return t + x * (1 - t * t) * sigmoid(x);
        }),
    define(
        "Neg", kUnary, [](float x, float, float) { return -x; },
        [](float, float, float) { return -1.0F; }),
    define(
        "Not", kUnary, [](float x, float, float) { return x == 0 ? 1.0F : 0.0F; },
        [](float, float, float) { return 0.0F; }),
    define(
        "Softplus", kUnary, [](float x, float, float) { return softplus(x); },
        [](float x, float, float) { return sigmoid(x); }),
    define(
        "Softsign", kUnary, [](float x, float, float) { return x / (1 + std::abs(x)); },
        [](float x, float, float) { return 1 / ((1 + std::abs(x)) * (1 + std::abs(x))); }),
};

static_assert(kFunctions[kClipMode].op == "Clip");

void forward(const Pass& p) {
  const Attributes& own = p.node.attributes;
  for_each_range(p.n * p.out_size(), [&](std::size_t begin, std::size_t end) {
    kFunctions[own.mode].forward(p.out + begin, p.in[0] + begin, end - begin, own.alpha, own.beta);
  });
}

void backward(const Pass& p) {
  const Attributes& own = p.node.attributes;
  const float* known = p.node.kernel == &kActivation ? p.out : p.in[0];
  for_each_range(p.n * p.out_size(), [&](std::size_t begin, std::size_t end) {
    kFunctions[own.mode].backward(p.d_in[0] + begin, p.d_out + begin, known + begin, end - begin,
                                  own.alpha, own.beta);
  });
}

struct Choice {
  std::string_view function;
  float a = 0, b = 0;
};

// A bound of Clip: an attribute up to opset 10, then an input.
float bound(const Import& import, const char* name, std::size_t input, float otherwise) {
  if (!import.has(input)) return import.number(name, otherwise);
  return import.constant_floats(input, 1)[0];
}

Choice choose(const Import& import, std::string_view op) {
  constexpr float kFar = std::numeric_limits<float>::infinity();
  const auto number = [&](const char* name, float otherwise) {
    return import.number(name, otherwise);
  };
  if (op == "Relu") return {"Clip", 0, kFar};
  if (op == "Clip") return {op, bound(import, "min", 1, -kFar), bound(import, "max", 2, kFar)};
  if (op == "LeakyRelu") return {op, number("alpha", 0.01F)};
  if (op == "Elu") return {op, number("alpha", 1), 1};
  if (op == "Selu") return {"Elu", number("alpha", 1.67326319F), number("gamma", 1.05070102F)};
  if (op == "HardSigmoid") return {op, number("alpha", 0.2F), number("beta", 0.5F)};
  if (op == "Gelu" && import.text("approximate", "none") == "tanh") return {"GeluTanh"};
  return {op};
}

}  // namespace

// Attributes: mode, the function's number; alpha and beta, its a and b.
const Kernel kUnary{.forward = forward, .backward = backward, .reads_in = true};
const Kernel kActivation{.forward = forward, .backward = backward, .reads_out = true};

bool is_function(const Node& node, std::string_view name) {
  const auto [kernel, attributes] = unary_function(name);
  return node.kernel == kernel && node.attributes.mode == attributes.mode;
}

UnaryFunction unary_function(std::string_view name, float a, float b) {
  const auto* function = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                      [&](const Function& f) { return f.op == name; });
  assert(function != std::end(kFunctions));
  Attributes attributes;
  attributes.mode = static_cast<int>(function - kFunctions);
  attributes.alpha = a;
  attributes.beta = b;
  return {function->kernel, attributes};
}

Value read_unary(Import& import) {
  const auto [name, a, b] = choose(import, import.op());
  // Slopes of the wrong sign would make what comes out ambiguous.
  import.require(std::isfinite(a) || name == "Clip", "its alpha is not finite");
  import.require((name != "LeakyRelu" && name != "Elu") || (a >= 0 && b >= 0 && std::isfinite(b)),
                 "its alpha or gamma is negative");
  import.require(name != "Clip" || a <= b, "its lowest value is above its highest");
  const auto [kernel, attributes] = unary_function(name, a, b);
  const Value& x = import.value(0);
  return import.add(*kernel, {x}, x.dims, x.order, attributes);
}

}  // namespace inoculate
