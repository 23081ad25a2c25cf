// How functions of one number bend, for bounds: those that never fall, and the negative.
#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <string_view>

#include "base/error.h"
#include "nn/ops/form.h"
#include "nn/ops/kernel.h"

namespace inoculate {
namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

// What single precision misses a function of the standard library by, with what is done to it
// before and after: glibc documents 2 units for each of them, other libraries 4.
constexpr double kLibrary = 16;

struct Known {
  std::string_view function;
  PointwiseForm form;
};

const Known kKnown[] = {
    {"Clip",
     {Bend::kClip, 0, 0, [](double x, double a, double b) { return std::clamp(x, a, b); }, nullptr,
      0}},
    {"LeakyRelu",
     {Bend::kHinge, 0, 0, [](double x, double a, double) { return x < 0 ? a * x : x; }, nullptr,
      1}},
    {"Elu",
     {Bend::kConvex, 0, 0,
      [](double x, double a, double b) { return b * (x < 0 ? a * std::expm1(x) : x); },
      [](double x, double a, double b) { return b * (x < 0 ? a * std::exp(x) : 1); }, kLibrary}},
    {"Sigmoid",
     {Bend::kSigmoid, 0, 0, [](double x, double, double) { return sigmoid(x); },
      [](double x, double, double) { return sigmoid(x) * sigmoid(-x); }, kLibrary}},
    {"Tanh",
     {Bend::kSigmoid, 0, 0, [](double x, double, double) { return std::tanh(x); },
      [](double x, double, double) { return 4 * sigmoid(2 * x) * sigmoid(-2 * x); }, kLibrary}},
    {"Softsign",
     {Bend::kSigmoid, 0, 0, [](double x, double, double) { return x / (1 + std::abs(x)); },
      [](double x, double, double) { return 1 / ((1 + std::abs(x)) * (1 + std::abs(x))); }, 4}},
    {"Erf",
     {Bend::kSigmoid, 0, 0, [](double x, double, double) { return std::erf(x); },
      [](double x, double, double) { return 2 * std::numbers::inv_sqrtpi * std::exp(-x * x); },
      kLibrary}},
    {"Exp",
     {Bend::kConvex, 0, 0, [](double x, double, double) { return std::exp(x); },
      [](double x, double, double) { return std::exp(x); }, kLibrary}},
    {"Softplus",
     {Bend::kConvex, 0, 0, [](double x, double, double) { return softplus(x); },
      [](double x, double, double) { return sigmoid(x); }, kLibrary}},
};

}  // namespace

Form unary_form(const Graph&, const Node& node) {
  if (is_function(node, "Neg")) {
    return SparseForm{{diagonal(size_of(node.shape), -1)}, {}, {}, 0, true};
  }
  for (const Known& known : kKnown) {
    if (!is_function(node, known.function)) continue;
    PointwiseForm form = known.form;
    form.a = double{node.attributes.alpha};
    form.b = double{node.attributes.beta};
    // Its slope falls at 0, where that of a smaller alpha rises.
    if (known.function == "Elu" && form.a > 1) form.bend = Bend::kSigmoid;
    return form;
  }
  throw Error("has no bounds");
}

}  // namespace inoculate
