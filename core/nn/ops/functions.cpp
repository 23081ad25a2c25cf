// Functions of one number whose slope is worked out from what they were given.
#include <algorithm>
#include <cmath>
#include <string_view>

#include "nn/ops/read.h"
#include "nn/ops/walk.h"

namespace inoculate {
namespace {

struct Function {
  std::string_view op;
  void (*forward)(float* out, const float* in, std::size_t count);
  void (*backward)(float* d_in, const float* d_out, const float* in, std::size_t count);
};

template <class F, class S>
constexpr Function define(std::string_view op, F, S) {
  static_assert(std::is_empty_v<F> && std::is_empty_v<S>);
  return {op,
          [](float* out, const float* in, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) out[i] = F{}(in[i]);
          },
          [](float* d_in, const float* d_out, const float* in, std::size_t count) {
            for (std::size_t i = 0; i < count; ++i) d_in[i] += d_out[i] * S{}(in[i]);
          }};
}

constexpr float kTwoOverRootPi = 1.128379167F, kRootHalf = 0.7071067812F;
constexpr auto kZero = [](float) { return 0.0F; };
constexpr auto kErfSlope = [](float x) { return kTwoOverRootPi * std::exp(-x * x); };
// The distribution function of the normal distribution, and what its tanh approximation is taken
// of (Hendrycks and Gimpel 2016).
constexpr auto kNormal = [](float x) { return 0.5F * std::erfc(-x * kRootHalf); };
constexpr float kTanhScale = 0.7978845608F, kTanhCubic = 0.044715F;
constexpr auto kTanhNormal = [](float x) {
  return 0.5F + 0.5F * std::tanh(kTanhScale * (x + kTanhCubic * x * x * x));
};

const Function kFunctions[] = {
    define(
        "Abs", [](float x) { return std::abs(x); },
        [](float x) { return x > 0   ? 1.0F
                             : x < 0 ? -1.0F
                                     : 0.0F; }),
    define(
        "Ceil", [](float x) { return std::ceil(x); }, kZero),
    define(
        "Erf", [](float x) { return std::erf(x); }, kErfSlope),
    define(
        "Floor", [](float x) { return std::floor(x); }, kZero),
    define(
        "Gelu", [](float x) { return x * kNormal(x); },
        [](float x) { return kNormal(x) + 0.5F * kRootHalf * x * kErfSlope(x * kRootHalf); }),
    define(
        "Log", [](float x) { return std::log(x); }, [](float x) { return 1 / x; }),
    define(
        "Mish", [](float x) { return x * std::tanh(std::log1p(std::exp(x))); },
        [](float x) {
          const float t = std::tanh(std::log1p(std::exp(x)));
          return t + x * (1 - t * t) / (1 + std::exp(-x));
        }),
    define(
        "Neg", [](float x) { return -x; }, [](float) { return -1.0F; }),
    define(
        "Not", [](float x) { return x == 0 ? 1.0F : 0.0F; }, kZero),
    define(
        "Reciprocal", [](float x) { return 1 / x; }, [](float x) { return -1 / (x * x); }),
    define(
        "Softsign", [](float x) { return x / (1 + std::abs(x)); },
        [](float x) { return 1 / ((1 + std::abs(x)) * (1 + std::abs(x))); }),
    define(
        "Sqrt", [](float x) { return std::sqrt(x); }, [](float x) { return 0.5F / std::sqrt(x); }),
    define(
        "tanh", [](float x) { return x * kTanhNormal(x); },  // Gelu's approximation
        [](float x) {
          const float t = kTanhNormal(x);
          return t + 2 * x * t * (1 - t) * kTanhScale * (1 + 3 * kTanhCubic * x * x);
        }),
};

template <class F>
void for_each_image(const Pass& p, F&& body) {
  parallel_for(static_cast<int>(p.n), [&](int image) {
    body(kFunctions[p.node.attributes.mode], static_cast<std::size_t>(image) * p.out_size());
  });
}

void forward(const Pass& p) {
  for_each_image(p, [&](const Function& function, std::size_t at) {
    function.forward(p.out + at, p.in[0] + at, p.out_size());
  });
}

void backward(const Pass& p) {
  for_each_image(p, [&](const Function& function, std::size_t at) {
    function.backward(p.d_in[0] + at, p.d_out + at, p.in[0] + at, p.out_size());
  });
}

}  // namespace

// Attributes: mode, the function's number.
const Kernel kFunction{.forward = forward, .backward = backward, .reads_in = true};

Value read_function(Import& import) {
  std::string op = import.op();
  if (op == "Gelu" && import.text("approximate", "none") == "tanh") op = "tanh";
  const auto* function = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                      [&](const Function& one) { return one.op == op; });
  Attributes attributes;
  attributes.mode = static_cast<int>(function - kFunctions);
  const Value& x = import.in(0);
  return import.add(kFunction, {x}, x.dims, x.order, attributes);
}

}  // namespace inoculate
