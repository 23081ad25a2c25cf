#include "certify/crown.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "certify/convolution.h"

namespace inoculate {
namespace {

std::size_t at(Eigen::Index i) { return static_cast<std::size_t>(i); }

// How many rows go back together: what they need should stay in the cache.
constexpr std::size_t kRows = 64;

}  // namespace

CrownBounds::CrownBounds(const BoundGraph& graph, const Ball& ball, Intermediate intermediate)
    : graph_(graph),
      ball_(ball),
      own_(graph.graph().nodes.size()),
      known_(own_),
      lines_(own_.size()),
      readers_(own_.size()) {
  const Graph& own = graph.graph();
  own_[0] = box_bounds(ball.low, ball.high);
  // By node: how many operators that mix numbers lie between it and the pixels, and whether others
  // do that are not linear.
  std::vector<int> mixing(own_.size());
  std::vector<bool> bent(own_.size());
  for (int i = 1; i <= own.output; ++i) {
    const BoundNode& node = graph.node(i);
    if (!node.used) continue;
    for (const int input : own.node(i).inputs) {
      mixing[at(i)] = std::max(mixing[at(i)], mixing[at(input)]);
      if (bent[at(input)]) bent[at(i)] = true;
      if (!node.is_linear()) readers_[at(input)].push_back(i);
    }
    const auto* sparse = std::get_if<SparseForm>(&node.form);
    if (sparse == nullptr || !sparse->elementwise || sparse->inputs.size() > 1) ++mixing[at(i)];
    if (!node.is_linear()) bent[at(i)] = true;
  }
  for (int i = 1; i <= own.output; ++i) {
    const BoundNode& node = graph.node(i);
    if (!node.used) continue;
    own_[at(i)] = interval_of(graph, i, own_);
    find_lines(i);
    const bool first_of_l2 = ball.norm == Norm::kL2 && !bent[at(i)];
    const bool by_crown =
        intermediate == Intermediate::kCrown && (bent[at(i)] || mixing[at(i)] > 1);
    // Later intervals are made of these, also where no function bends; a pass back needs no others.
    const bool all = first_of_l2 && intermediate == Intermediate::kIntervals;
    if (node.feeds_nonlinear && (first_of_l2 || by_crown)) refine(i, all);
  }
}

CrownBounds::CrownBounds(const BoundGraph& graph, const Ball& ball, const GraphBounds& intervals,
                         Eigen::Index image, bool through_functions)
    : graph_(graph), ball_(ball), known_(intervals), image_(image), lines_(intervals.size()) {
  for (int i = 1; through_functions && i <= graph.graph().output; ++i) {
    if (graph.node(i).used) find_lines(i);
  }
}

void CrownBounds::find_lines(int number) {
  const auto* form = std::get_if<PointwiseForm>(&graph_.node(number).form);
  if (form == nullptr) return;
  const ValueBounds& in = known_[at(graph_.graph().node(number).inputs[0])];
  auto& lines = lines_[at(number)];
  for (Eigen::Index i = 0; i < in.low.cols(); ++i) {
    lines.push_back(lines_of(*form, at(i), in.low(image_, i), in.high(image_, i)));
  }
}

// The numbers of a node that a function reads where it is not linear; or all.
std::vector<int> CrownBounds::worth_refining(int number, bool all) const {
  const ValueBounds& bounds = known_[at(number)];
  std::vector<int> numbers;
  for (Eigen::Index i = 0; i < bounds.low.cols(); ++i) {
    const double low = bounds.low(0, i), high = bounds.high(0, i);
    if (!(low < high)) continue;
    const bool bends =
        all ||
        std::any_of(readers_[at(number)].begin(), readers_[at(number)].end(), [&](int reader) {
          const auto* form = std::get_if<PointwiseForm>(&graph_.node(reader).form);
          return form == nullptr || !is_linear_on(*form, low, high);
        });
    if (bends) numbers.push_back(static_cast<int>(i));
  }
  return numbers;
}

void CrownBounds::refine(int number, bool all) {
  const Shape& grid = graph_.node(number).grid;
  const std::vector<int> numbers = worth_refining(number, all);
  ValueBounds& bounds = own_[at(number)];
  for (std::size_t begin = 0; begin < numbers.size();) {
    // Those of one position go together, since they see the same pixels.
    const int position = numbers[begin] / grid.c;
    std::size_t end = begin;
    while (end < numbers.size() && end - begin < kRows && numbers[end] / grid.c == position) ++end;
    const auto count = static_cast<Eigen::Index>(end - begin);
    Coefficients rows{{position / grid.w, position % grid.w, 1, 1},
                      RealMatrix::Zero(2 * count, grid.c)};
    for (Eigen::Index i = 0; i < count; ++i) {
      const int channel = numbers[begin + at(i)] % grid.c;
      rows.of(i, channel) = 1;
      rows.of(count + i, channel) = -1;
    }
    const Eigen::VectorXd lowest = lower_bounds(number, std::move(rows), true);
    for (Eigen::Index i = 0; i < count; ++i) {
      const int one = numbers[begin + at(i)];
      bounds.low(0, one) = std::max(bounds.low(0, one), lowest[i]);
      bounds.high(0, one) = std::min(bounds.high(0, one), -lowest[count + i]);
    }
    begin = end;
  }
}

Eigen::VectorXd CrownBounds::lower_bounds(int node, const RealMatrix& rows,
                                          bool through_functions) const {
  const Region all = whole(graph_.node(node).grid);
  const auto each = static_cast<Eigen::Index>(kRows);
  Eigen::VectorXd lowest(rows.rows());
  for (Eigen::Index begin = 0; begin < rows.rows(); begin += each) {
    const Eigen::Index count = std::min(each, rows.rows() - begin);
    lowest.segment(begin, count) =
        lower_bounds(node, Coefficients{all, rows.middleRows(begin, count)}, through_functions);
  }
  return lowest;
}

Eigen::VectorXd CrownBounds::lower_bounds(int target, Coefficients rows,
                                          bool through_functions) const {
  Pending pending(at(target) + 1);
  Sums sums(rows.of.rows());
  pending[at(target)] = std::move(rows);
  for (int i = target; i > 0; --i) {
    if (!pending[at(i)]) continue;
    const Coefficients from = std::move(*pending[at(i)]);
    pending[at(i)].reset();
    const BoundNode& node = graph_.node(i);
    if (node.is_linear() || through_functions) {
      back_through(i, from, sums, pending);
      continue;
    }
    const Eigen::RowVectorXd low = cut(row(known_[at(i)].low), from.region, node.grid);
    const Eigen::RowVectorXd high = cut(row(known_[at(i)].high), from.region, node.grid);
    sums.add_products(from.of.cwiseMax(0.0), low, from.of.cwiseMin(0.0), high);
  }
  if (pending[0]) {
    Ball part = ball_;
    const Shape& grid = graph_.node(0).grid;
    const Region& region = pending[0]->region;
    part.centre = cut(ball_.centre.data(), region, grid);
    part.low = cut(ball_.low.data(), region, grid);
    part.high = cut(ball_.high.data(), region, grid);
    const Eigen::VectorXd lowest = lowest_products(part, pending[0]->of);
    sums.add(lowest, lowest.cwiseAbs(), 1);
  }
  return sums.value - (sums.terms * 0x1p-52) * sums.size;
}

void CrownBounds::add(Pending& pending, int node, const Shape& grid, Coefficients more) {
  auto& there = pending[at(node)];
  if (!there) {
    there = std::move(more);
    return;
  }
  if (there->region == more.region) {
    there->of += more.of;
    return;
  }
  const Region both = united(there->region, more.region);
  there = expanded(*there, grid, both);
  there->of += expanded(more, grid, both).of;
}

CrownBounds::Coefficients CrownBounds::expanded(const Coefficients& part, const Shape& grid,
                                                const Region& to) {
  Coefficients result{to, RealMatrix::Zero(part.of.rows(), to.positions() * grid.c)};
  const int run = part.region.w * grid.c;
  for (int y = 0; y < part.region.h; ++y) {
    const int begin = (part.region.y + y - to.y) * to.w + part.region.x - to.x;
    result.of.middleCols(begin * grid.c, run) = part.of.middleCols(y * run, run);
  }
  return result;
}

}  // namespace inoculate
