// One step of CROWN: from the coefficients of an operator's value to those of its inputs.
#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "certify/convolution.h"
#include "certify/crown.h"

namespace inoculate {
namespace {

constexpr double kDouble = 0x1p-50;  // as in bounds.cpp

std::size_t at(Eigen::Index i) { return static_cast<std::size_t>(i); }

}  // namespace

void CrownBounds::back_through(int number, const Coefficients& from, Sums& sums,
                               Pending& pending) const {
  const BoundNode& node = graph_.node(number);
  // What the operator may miss its exact value by counts against every coefficient.
  const Eigen::RowVectorXd margin = cut(row(known_[at(number)].margin), from.region, node.grid);
  const RealMatrix sizes = from.of.cwiseAbs();
  sums.add(-(sizes * margin.transpose()), sizes * margin.transpose(), margin.size());
  std::visit([&](const auto& form) { back_through(form, number, from, sums, pending); }, node.form);
}

void CrownBounds::back_through(const SparseForm& form, int number, const Coefficients& from,
                               Sums& sums, Pending& pending) const {
  const Shape& grid = graph_.node(number).grid;
  const Node& node = graph_.graph().node(number);
  if (!form.constant.empty()) {
    const Eigen::RowVectorXd constant = cut(form.constant.data(), from.region, grid);
    sums.add_products(from.of, constant);
  }
  if (form.elementwise) {
    for (std::size_t k = 0; k < form.inputs.size(); ++k) {
      Coefficients more{from.region, from.of};
      for_each_run(from.region, grid, [&](int to, int begin, int count) {
        for (int i = 0; i < count; ++i) {
          const double factor = form.inputs[k][at(begin + i)].factor;
          if (factor != 1) more.of.col(to + i) *= factor;
        }
      });
      add(pending, node.inputs[k], grid, std::move(more));
    }
    return;
  }
  const Coefficients all = expanded(from, grid);
  for (std::size_t k = 0; k < form.inputs.size(); ++k) {
    if (form.inputs[k].empty()) continue;
    const Shape& in = graph_.node(node.inputs[k]).grid;
    Coefficients more{
        whole(in), RealMatrix::Zero(all.of.rows(), size_of(graph_.graph().shape(node.inputs[k])))};
    for (Eigen::Index row = 0; row < all.of.rows(); ++row) {
      const double* out = all.of.row(row).data();
      double* to = more.of.row(row).data();
      for (const SparseEntry& entry : form.inputs[k]) to[entry.in] += entry.factor * out[entry.out];
    }
    add(pending, node.inputs[k], in, std::move(more));
  }
}

void CrownBounds::back_through(const ConvForm& form, int number, const Coefficients& from,
                               Sums& sums, Pending& pending) const {
  const int input = graph_.graph().node(number).inputs[0];
  if (!form.bias.empty()) {
    const auto channels = static_cast<Eigen::Index>(form.bias.size());
    const Eigen::Map<const Eigen::RowVectorXd> bias(form.bias.data(), channels);
    sums.add_products(from.of, bias.replicate(1, from.of.cols() / channels));
  }
  const Shape& in = graph_.node(input).grid;
  Coefficients more{seen_by(from.region, form, in), {}};
  if (more.region.positions() == 0) return;
  more.of = RealMatrix::Zero(from.of.rows(), more.region.positions() * in.c);
  add_transposed(more.of, more.region, from.of, from.region, form);
  add(pending, input, in, std::move(more));
}

void CrownBounds::back_through(const PointwiseForm&, int number, const Coefficients& from,
                               Sums& sums, Pending& pending) const {
  const Shape& grid = graph_.node(number).grid;
  const int input = graph_.graph().node(number).inputs[0];
  const std::vector<Lines>& lines = lines_[at(number)];
  const Eigen::RowVectorXd mass = cut(row(known_[at(input)].mass), from.region, grid);
  Eigen::RowVectorXd low_slope(from.of.cols()), low(from.of.cols()), high_slope(from.of.cols()),
      high(from.of.cols());
  for_each_run(from.region, grid, [&](int to, int begin, int count) {
    for (int i = 0; i < count; ++i) {
      const Lines& own = lines[at(begin + i)];
      // A product of a coefficient and a slope is rounded.
      const double lost =
          kDouble * mass[to + i] * std::max(std::abs(own.lower.slope), std::abs(own.upper.slope));
      low_slope[to + i] = own.lower.slope;
      low[to + i] = own.lower.at_zero - lost;
      high_slope[to + i] = own.upper.slope;
      high[to + i] = own.upper.at_zero + lost;
    }
  });
  const RealMatrix positive = from.of.cwiseMax(0.0), negative = from.of.cwiseMin(0.0);
  sums.add_products(positive, low, negative, high);
  add(pending, input, grid,
      {from.region, (positive.array().rowwise() * low_slope.array() +
                     negative.array().rowwise() * high_slope.array())
                        .matrix()});
}

// The largest of some is at least each of them, best the one with the highest lower bound; and at
// most that one too, where no other can be larger, else at most the highest bound of all. The
// smallest is the same with all signs turned.
void CrownBounds::back_through(const ExtremumForm& form, int number, const Coefficients& from,
                               Sums& sums, Pending& pending) const {
  const int input = graph_.graph().node(number).inputs[0];
  const Shape& grid = graph_.node(number).grid;
  const ValueBounds& in = known_[at(input)];
  const Coefficients all = expanded(from, grid);
  const Eigen::Index rows = all.of.rows(), size = all.of.cols();
  const double sign = form.smallest ? -1 : 1;
  const auto low = [&](int i) { return form.smallest ? -in.high(image_, i) : in.low(image_, i); };
  const auto high = [&](int i) { return form.smallest ? -in.low(image_, i) : in.high(image_, i); };
  Coefficients more{whole(graph_.node(input).grid), RealMatrix::Zero(rows, in.low.cols())};
  Eigen::RowVectorXd bound(size), lost(size);
  RealMatrix rest = RealMatrix::Zero(rows, size);  // what the bound of all stands for
  for (Eigen::Index i = 0; i < size; ++i) {
    const auto begin = form.members.begin() + form.begins[at(i)];
    const auto end = form.members.begin() + form.begins[at(i) + 1];
    const int best = *std::max_element(begin, end, [&](int a, int b) { return low(a) < low(b); });
    double most = -HUGE_VAL, others = -HUGE_VAL;
    for (auto member = begin; member != end; ++member) {
      most = std::max(most, high(*member));
      if (*member != best) others = std::max(others, high(*member));
    }
    const bool dominates = low(best) >= others;
    bound[i] = sign * most;
    lost[i] = 16 * kDouble * in.mass(image_, best);
    for (Eigen::Index row = 0; row < rows; ++row) {
      const double a = all.of(row, i);
      if (dominates || a * sign > 0) {
        more.of(row, best) += a;
      } else {
        rest(row, i) = a;
      }
    }
  }
  sums.add_products(rest, bound);
  const RealMatrix sizes = all.of.cwiseAbs();
  sums.add(-(sizes * lost.transpose()), sizes * lost.transpose(), size);
  add(pending, input, graph_.node(input).grid, std::move(more));
}

}  // namespace inoculate
