#include "certify/certificate.h"

#include <cmath>
#include <utility>

#include "certify/bounds.h"

namespace inoculate {
namespace {

constexpr CertificateMethod kMethods[] = {
    {"ibp", "intervals from layer to layer", Intermediate::kIntervals, false},
    {"crown-ibp", "linear bounds of the logits, intervals before", Intermediate::kIntervals, true},
    {"crown", "linear bounds of every layer", Intermediate::kCrown, true},
};

// The logit of `label` less every other one.
RealMatrix differences(int label, int classes) {
  RealMatrix rows = RealMatrix::Zero(classes - 1, classes);
  for (int i = 0; i < rows.rows(); ++i) {
    rows(i, label) = 1;
    rows(i, i < label ? i : i + 1) = -1;
  }
  return rows;
}

// A difference that is no number certifies nothing.
double least(const Eigen::VectorXd& lowest) {
  return lowest.allFinite() ? lowest.minCoeff() : -HUGE_VAL;
}

}  // namespace

Eigen::VectorXd CertificateMethod::lowest(const BoundGraph& graph, const Ball& ball,
                                          const RealMatrix& rows) const {
  return CrownBounds(graph, ball, intermediate)
      .lower_bounds(graph.graph().output, rows, through_functions);
}

std::span<const CertificateMethod> certificate_methods() { return kMethods; }

const CertificateMethod* find_certificate_method(std::string_view name) {
  for (const CertificateMethod& method : kMethods) {
    if (name == method.name) return &method;
  }
  return nullptr;
}

std::vector<double> certified_margins(const BoundGraph& graph, ConstMatrixRef images,
                                      std::span<const std::int32_t> labels,
                                      const CertificateOptions& options) {
  const CertificateMethod& method = *options.method;
  const Eigen::Index n = images.rows();
  std::vector<Ball> balls;
  for (Eigen::Index i = 0; i < n; ++i) {
    balls.push_back(ball_around(images.row(i).data(), graph.input_size(), options.norm,
                                options.epsilon, options.range));
  }
  GraphBounds intervals;
  if (options.norm == Norm::kLinf && method.intermediate == Intermediate::kIntervals) {
    RealMatrix low(n, graph.input_size()), high(n, graph.input_size());
    for (Eigen::Index i = 0; i < n; ++i) {
      low.row(i) = balls[static_cast<std::size_t>(i)].low;
      high.row(i) = balls[static_cast<std::size_t>(i)].high;
    }
    intervals = interval_bounds(graph, box_bounds(std::move(low), std::move(high)));
  }
  std::vector<double> margins;
  for (Eigen::Index i = 0; i < n; ++i) {
    const Ball& ball = balls[static_cast<std::size_t>(i)];
    const RealMatrix rows = differences(labels[static_cast<std::size_t>(i)], graph.classes());
    margins.push_back(
        least(intervals.empty()
                  ? method.lowest(graph, ball, rows)
                  : CrownBounds(graph, ball, intervals, i, method.through_functions)
                        .lower_bounds(graph.graph().output, rows, method.through_functions)));
  }
  return margins;
}

double certified_margin(const BoundGraph& graph, const float* image, int label,
                        const CertificateOptions& options) {
  const std::int32_t labels[] = {label};
  return certified_margins(graph, Eigen::Map<const Matrix>(image, 1, graph.input_size()), labels,
                           options)[0];
}

double certified_radius(const BoundGraph& graph, const float* image, int label,
                        const CertificateOptions& options, double furthest) {
  CertificateOptions tried = options;
  const auto holds = [&](double epsilon) {
    tried.epsilon = epsilon;
    return certified_margin(graph, image, label, tried) > 0;
  };
  constexpr int kMagnitudes = 20, kHalvings = 8;
  double low = furthest, high = furthest;
  for (int i = 0; !holds(low); ++i) {
    if (i == kMagnitudes) return 0;
    high = low;
    low /= 2;
  }
  for (int i = 0; low < high && i < kHalvings; ++i) {
    const double middle = 0.5 * (low + high);
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace inoculate
