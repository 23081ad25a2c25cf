#include "certify/certificate.h"

#include <cmath>

#include "certify/crown.h"

namespace inoculate {
namespace {

template <Intermediate kIntermediate, bool kThroughFunctions>
Eigen::VectorXd lowest(const BoundGraph& graph, const Ball& ball, const RealMatrix& rows) {
  return CrownBounds(graph, ball, kIntermediate)
      .lower_bounds(graph.graph().output, rows, kThroughFunctions);
}

constexpr CertificateMethod kMethods[] = {
    {"ibp", "intervals from layer to layer", lowest<Intermediate::kIntervals, false>},
    {"crown-ibp", "linear bounds of the logits, intervals before",
     lowest<Intermediate::kIntervals, true>},
    {"crown", "linear bounds of every layer", lowest<Intermediate::kCrown, true>},
};

}  // namespace

std::span<const CertificateMethod> certificate_methods() { return kMethods; }

const CertificateMethod* find_certificate_method(std::string_view name) {
  for (const CertificateMethod& method : kMethods) {
    if (name == method.name) return &method;
  }
  return nullptr;
}

double certified_margin(const BoundGraph& graph, const float* image, int label,
                        const CertificateOptions& options) {
  const Ball ball =
      ball_around(image, graph.input_size(), options.norm, options.epsilon, options.range);
  RealMatrix rows = RealMatrix::Zero(graph.classes() - 1, graph.classes());
  for (int i = 0; i < rows.rows(); ++i) {
    rows(i, label) = 1;
    rows(i, i < label ? i : i + 1) = -1;
  }
  const Eigen::VectorXd lowest = options.method->lowest(graph, ball, rows);
  // A difference that is no number certifies nothing.
  return lowest.allFinite() ? lowest.minCoeff() : -HUGE_VAL;
}

double certified_radius(const BoundGraph& graph, const float* image, int label,
                        const CertificateOptions& options, double furthest) {
  CertificateOptions tried = options;
  const auto holds = [&](double epsilon) {
    tried.epsilon = epsilon;
    return certified_margin(graph, image, label, tried) > 0;
  };
  constexpr int kHalvings = 12;
  if (holds(furthest)) return furthest;
  double low = 0, high = furthest;
  for (int i = 0; i < kHalvings; ++i) {
    const double middle = 0.5 * (low + high);
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace inoculate
