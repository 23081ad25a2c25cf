// Functions of one number.
#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "nn/ops/parts.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

enum Mode : int {
  // Their slope follows from what they give, so that what they were given need not be kept.
  kClip = kClipMode,  // alpha: the lowest, beta: the highest
  kLeakyRelu,
  kElu,  // beta (e^x - 1) alpha below 0, beta x above
  kSigmoid,
  kHardSigmoid,
  kTanh,
  kExp,
  // Of these it does not.
  kHardSwish,
  kSoftplus,
};

template <class F>
void map(const Pass& p, F&& function) {
  const float* in = p.in[0];
  for_each_part(p.n * p.out_size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) p.out[i] = function(in[i]);
  });
}

// `known` is what the slope is worked out from: p.in[0] or p.out.
template <class F>
void map_slope(const Pass& p, const float* known, F&& slope) {
  float* d_in = p.d_in[0];
  for_each_part(p.n * p.out_size(), [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) d_in[i] += p.d_out[i] * slope(known[i]);
  });
}

float sigmoid(float x) { return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }

void forward(const Pass& p) {
  const float a = p.node.attributes.alpha, b = p.node.attributes.beta;
  switch (p.node.attributes.mode) {
    case kClip:  // a NaN stays one
      return map(p, [=](float x) { return x < a ? a : x > b ? b : x; });
    case kLeakyRelu:
      return map(p, [=](float x) { return x < 0 ? a * x : x; });
    case kElu:
      return map(p, [=](float x) { return b * (x < 0 ? a * std::expm1(x) : x); });
    case kSigmoid:
      return map(p, sigmoid);
    case kHardSigmoid:
      return map(p, [=](float x) { return std::clamp(a * x + b, 0.0F, 1.0F); });
    case kTanh:
      return map(p, [](float x) { return std::tanh(x); });
    case kExp:
      return map(p, [](float x) { return std::exp(x); });
    case kHardSwish:
      return map(p, [](float x) { return x * std::clamp(x / 6 + 0.5F, 0.0F, 1.0F); });
    case kSoftplus:
      return map(p, [](float x) { return std::max(x, 0.0F) + std::log1p(std::exp(-std::abs(x))); });
  }
}

void backward(const Pass& p) {
  const float a = p.node.attributes.alpha, b = p.node.attributes.beta;
  switch (p.node.attributes.mode) {
    case kClip:
      return map_slope(p, p.out, [=](float y) { return y > a && y < b ? 1.0F : 0.0F; });
    case kLeakyRelu:
      return map_slope(p, p.out, [=](float y) { return y < 0 ? a : 1.0F; });
    case kElu:
      return map_slope(p, p.out, [=](float y) { return y < 0 ? y + a * b : b; });
    case kSigmoid:
      return map_slope(p, p.out, [](float y) { return y * (1 - y); });
    case kHardSigmoid:
      return map_slope(p, p.out, [=](float y) { return y > 0 && y < 1 ? a : 0.0F; });
    case kTanh:
      return map_slope(p, p.out, [](float y) { return 1 - y * y; });
    case kExp:
      return map_slope(p, p.out, [](float y) { return y; });
    case kHardSwish:
      return map_slope(p, p.in[0], [](float x) {
        return x <= -3 ? 0.0F : x >= 3 ? 1.0F : x / 3 + 0.5F;
      });
    case kSoftplus:
      return map_slope(p, p.in[0], sigmoid);
  }
}

struct Choice {
  Mode mode;
  float alpha = 0, beta = 0;
};

// A bound of Clip: an attribute up to opset 10, then an input.
float bound(const Import& import, const char* name, std::size_t input, float otherwise) {
  if (!import.has(input)) return import.number(name, otherwise);
  return import.constant_floats(input, 1)[0];
}

Choice choose(const Import& import, std::string_view op) {
  constexpr float kFar = std::numeric_limits<float>::infinity();
  if (op == "Relu") return {kClip, 0, kFar};
  if (op == "Clip") return {kClip, bound(import, "min", 1, -kFar), bound(import, "max", 2, kFar)};
  if (op == "LeakyRelu") return {kLeakyRelu, import.number("alpha", 0.01F)};
  if (op == "Elu") return {kElu, import.number("alpha", 1), 1};
  if (op == "Selu")
    return {kElu, import.number("alpha", 1.67326319F), import.number("gamma", 1.05070102F)};
  if (op == "Sigmoid") return {kSigmoid};
  if (op == "HardSigmoid") {
    return {kHardSigmoid, import.number("alpha", 0.2F), import.number("beta", 0.5F)};
  }
  if (op == "Tanh") return {kTanh};
  if (op == "Exp") return {kExp};
  if (op == "HardSwish") return {kHardSwish};
  return {kSoftplus};
}

}  // namespace

// Attributes: mode, alpha, beta. Two kernels, for the two kinds of Mode.
const Kernel kUnary{.forward = forward, .backward = backward, .reads_in = true};
const Kernel kActivation{.forward = forward, .backward = backward, .reads_out = true};

Value read_unary(Import& import) {
  const Choice choice = choose(import, import.op());
  // Slopes of the wrong sign would make what comes out ambiguous.
  import.require(std::isfinite(choice.alpha) || choice.mode == kClip, "its alpha is not finite");
  import.require((choice.mode != kLeakyRelu && choice.mode != kElu) ||
                     (choice.alpha >= 0 && choice.beta >= 0 && std::isfinite(choice.beta)),
                 "its alpha or gamma is negative");
  import.require(choice.mode != kClip || choice.alpha <= choice.beta,
                 "its lowest value is above its highest");
  Attributes attributes;
  attributes.mode = choice.mode;
  attributes.alpha = choice.alpha;
  attributes.beta = choice.beta;
  const Value& x = import.in(0);
  return import.add(choice.mode < kHardSwish ? kActivation : kUnary, {x}, x.dims, x.order,
                    attributes);
}

}  // namespace inoculate
