#include "certify/bounds.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "certify/convolution.h"

namespace inoculate {
namespace {

constexpr double kDouble =
    0x1p-50;  // eight units of double precision: more than any one term loses
constexpr double kUnderflow = 0x1p-126;

double unit(const BoundGraph& graph) {
  return graph.arithmetic() == Arithmetic::kFloat32 ? 0x1p-24 : 0.0;
}

RealMatrix magnitude(const RealMatrix& low, const RealMatrix& high) {
  return low.cwiseAbs().cwiseMax(high.cwiseAbs());
}

double most_roundings(const Node& node, const GraphBounds& known) {
  double most = 0;
  for (const int input : node.inputs) {
    most = std::max(most, known[static_cast<std::size_t>(input)].roundings);
  }
  return most;
}

// Widens exact bounds by the margin, which follows from the mass.
void add_margin(const BoundGraph& graph, const BoundNode& node, ValueBounds& bounds) {
  const double roundings = bounds.roundings * unit(graph);
  // Beyond this many nothing is known: infinite bounds certify nothing.
  const double gamma = roundings < 0.5 ? roundings / (1 - roundings) : HUGE_VAL;
  const double least = unit(graph) == 0 ? 0 : bounds.roundings * kUnderflow;
  bounds.margin = (bounds.mass.array() * (gamma + node.terms * kDouble) + least).matrix();
  bounds.low -= bounds.margin;
  bounds.high += bounds.margin;
}

void add_constant(RealMatrix& to, const std::vector<double>& constant) {
  if (constant.empty()) return;
  to.rowwise() += Eigen::Map<const Eigen::RowVectorXd>(constant.data(), to.cols());
}

ValueBounds linear(const SparseForm& form, const Node& node, const GraphBounds& known,
                   Eigen::Index n) {
  ValueBounds out;
  out.low = out.high = out.mass = RealMatrix::Zero(n, size_of(node.shape));
  for (std::size_t k = 0; k < form.inputs.size(); ++k) {
    const ValueBounds& in = known[static_cast<std::size_t>(node.inputs[k])];
    for (Eigen::Index i = 0; i < n; ++i) {
      const double *low = in.low.row(i).data(), *high = in.high.row(i).data();
      const double* mass = in.mass.row(i).data();
      double *to_low = out.low.row(i).data(), *to_high = out.high.row(i).data();
      double* to_mass = out.mass.row(i).data();
      for (const SparseEntry& e : form.inputs[k]) {
        const bool rises = e.factor >= 0;
        to_low[e.out] += e.factor * (rises ? low : high)[e.in];
        to_high[e.out] += e.factor * (rises ? high : low)[e.in];
        to_mass[e.out] += std::abs(e.factor) * mass[e.in];
      }
    }
  }
  add_constant(out.low, form.constant);
  add_constant(out.high, form.constant);
  std::vector<double> sizes = form.constant_mass.empty() ? form.constant : form.constant_mass;
  for (double& size : sizes) size = std::abs(size);
  add_constant(out.mass, sizes);
  return out;
}

// By centre and radius: W c and |W| r, and |W| times the mass.
ValueBounds linear(const ConvForm& form, const BoundNode& node, const ValueBounds& in) {
  const Eigen::Index n = in.low.rows();
  RealMatrix centre;
  convolve(centre, 0.5 * (in.low + in.high), form, form.kernel);
  RealMatrix both(2 * n, in.low.cols()), sums;
  both.topRows(n) = 0.5 * (in.high - in.low);
  both.bottomRows(n) = in.mass;
  convolve(sums, both, form, node.absolute_kernel);
  ValueBounds out;
  out.low = centre - sums.topRows(n);
  out.high = centre + sums.topRows(n);
  out.mass = sums.bottomRows(n);
  if (form.bias.empty()) return out;
  const auto channels = static_cast<Eigen::Index>(form.bias.size());
  const Eigen::Map<const Eigen::RowVectorXd> bias(form.bias.data(), channels);
  for (Eigen::Index at = 0; at < out.low.cols(); at += channels) {
    out.low.middleCols(at, channels).rowwise() += bias;
    out.high.middleCols(at, channels).rowwise() += bias;
    out.mass.middleCols(at, channels).rowwise() += bias.cwiseAbs();
  }
  return out;
}

ValueBounds nonlinear(const PointwiseForm& form, const ValueBounds& in, double unit) {
  const Eigen::Index n = in.low.rows(), size = in.low.cols();
  ValueBounds out;
  out.low.resize(n, size);
  out.high.resize(n, size);
  for (Eigen::Index image = 0; image < n; ++image) {
    for (Eigen::Index i = 0; i < size; ++i) {
      const double low = in.low(image, i), high = in.high(image, i);
      const double a = form.a_of(static_cast<std::size_t>(i));
      const double at_low = form.value(low, a, form.b), at_high = form.value(high, a, form.b);
      // The least or the most of a function that falls below 0 lies at an end or at 0.
      const bool has_kink = form.bend == Bend::kHinge && low < 0 && high > 0;
      const double at_kink = has_kink ? 0 : at_low;
      out.low(image, i) = std::min({at_low, at_high, at_kink});
      out.high(image, i) = std::max({at_low, at_high, at_kink});
    }
  }
  const double lost = form.bend == Bend::kClip ? 0 : form.ulps * unit + kDouble;
  const double least = form.bend == Bend::kClip ? 0 : kUnderflow;
  out.margin = (magnitude(out.low, out.high).array() * lost + least).matrix();
  out.low -= out.margin;
  out.high += out.margin;
  return out;
}

ValueBounds nonlinear(const ExtremumForm& form, const ValueBounds& in) {
  const Eigen::Index n = in.low.rows(), size = static_cast<Eigen::Index>(form.begins.size()) - 1;
  ValueBounds out;
  out.low.resize(n, size);
  out.high.resize(n, size);
  const auto pick = [&](const RealMatrix& from, Eigen::Index image, Eigen::Index i) {
    double best = form.smallest ? HUGE_VAL : -HUGE_VAL;
    for (int k = form.begins[static_cast<std::size_t>(i)];
         k < form.begins[static_cast<std::size_t>(i) + 1]; ++k) {
      const double one = from(image, form.members[static_cast<std::size_t>(k)]);
      best = form.smallest ? std::min(best, one) : std::max(best, one);
    }
    return best;
  };
  for (Eigen::Index image = 0; image < n; ++image) {
    for (Eigen::Index i = 0; i < size; ++i) {
      out.low(image, i) = pick(in.low, image, i);
      out.high(image, i) = pick(in.high, image, i);
    }
  }
  out.margin = RealMatrix::Zero(n, size);
  return out;
}

}  // namespace

ValueBounds box_bounds(RealMatrix low, RealMatrix high) {
  ValueBounds bounds{std::move(low), std::move(high), {}, {}, 0};
  bounds.mass = magnitude(bounds.low, bounds.high);
  bounds.margin = RealMatrix::Zero(bounds.low.rows(), bounds.low.cols());
  return bounds;
}

ValueBounds interval_of(const BoundGraph& graph, int number, const GraphBounds& known) {
  const BoundNode& own = graph.node(number);
  const Node& node = graph.graph().node(number);
  const auto in = [&]() -> const ValueBounds& {
    return known[static_cast<std::size_t>(node.inputs[0])];
  };
  if (const auto* form = std::get_if<PointwiseForm>(&own.form)) {
    ValueBounds bounds = nonlinear(*form, in(), unit(graph));
    bounds.mass = magnitude(bounds.low, bounds.high);
    return bounds;
  }
  if (const auto* form = std::get_if<ExtremumForm>(&own.form)) {
    ValueBounds bounds = nonlinear(*form, in());
    bounds.mass = magnitude(bounds.low, bounds.high);
    return bounds;
  }
  const auto* sparse = std::get_if<SparseForm>(&own.form);
  ValueBounds bounds = sparse != nullptr ? linear(*sparse, node, known, known[0].low.rows())
                                         : linear(std::get<ConvForm>(own.form), own, in());
  bounds.roundings = most_roundings(node, known) + own.roundings;
  add_margin(graph, own, bounds);
  return bounds;
}

GraphBounds interval_bounds(const BoundGraph& graph, ValueBounds input) {
  GraphBounds known(graph.graph().nodes.size());
  known[0] = std::move(input);
  for (int i = 1; i <= graph.graph().output; ++i) {
    if (graph.node(i).used) known[static_cast<std::size_t>(i)] = interval_of(graph, i, known);
  }
  return known;
}

}  // namespace inoculate
