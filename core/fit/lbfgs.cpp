#include "fit/lbfgs.h"

#include <cmath>
#include <deque>
#include <limits>
#include <utility>
#include <vector>

namespace inoculate {
namespace {

using Vector = Eigen::VectorXd;

// The last steps with what they changed in the gradient: they stand for the curvature.
class Memory {
 public:
  void add(Vector step, Vector change) {
    const double curvature = step.dot(change);
    if (!(curvature > 1e-12 * step.norm() * change.norm())) return;  // says nothing, or nonsense
    if (pairs_.size() == kPairs) pairs_.pop_front();
    pairs_.push_back({std::move(step), std::move(change), 1 / curvature});
  }
  bool empty() const { return pairs_.empty(); }
  void clear() { pairs_.clear(); }

  // Where to go from a point of that gradient: the two loops of the paper.
  Vector direction(const Vector& gradient) const {
    Vector d = -gradient;
    std::vector<double> shares;
    for (auto pair = pairs_.rbegin(); pair != pairs_.rend(); ++pair) {
      shares.push_back(pair->scale * pair->step.dot(d));
      d -= shares.back() * pair->change;
    }
    if (!pairs_.empty()) d /= pairs_.back().scale * pairs_.back().change.squaredNorm();
    for (const Pair& pair : pairs_) {
      d += (shares.back() - pair.scale * pair.change.dot(d)) * pair.step;
      shares.pop_back();
    }
    return d;
  }

 private:
  static constexpr std::size_t kPairs = 10;
  struct Pair {
    Vector step, change;
    double scale;
  };
  std::deque<Pair> pairs_;
};

struct Point {
  Vector x, gradient;
  double value = 0;
};

// Whether the function has fallen enough from `from` to `to`, `length` along d of that slope. Where
// rounding hides how far it falls, slopes tell it: the approximate Wolfe condition of Hager and
// Zhang, "A new conjugate gradient method with guaranteed descent and an efficient line search",
// 2005.
bool has_fallen(const Point& from, const Point& to, const Vector& d, double length, double slope) {
  constexpr double kDecrease = 1e-4, kRounding = 1e-6;
  if (to.value <= from.value + kDecrease * length * slope) return true;
  return to.value <= from.value + kRounding * std::abs(from.value) &&
         to.gradient.dot(d) <= (2 * kDecrease - 1) * slope;
}

// A point further along d that is lower, and where the slope is less. False where rounding lets
// none be found.
bool search(const SmoothFunction& function, const Point& from, const Vector& d, double length,
            Point& to) {
  constexpr double kSlope = 0.9;
  constexpr int kMostLooks = 40;
  const double slope = from.gradient.dot(d);
  if (!(slope < 0)) return false;
  double low = 0, high = std::numeric_limits<double>::infinity();
  for (int look = 0; look < kMostLooks; ++look) {
    to.x = from.x + length * d;
    to.value = function(to.x, to.gradient);
    if (!has_fallen(from, to, d, length, slope)) {
      high = length;
    } else if (to.gradient.dot(d) < kSlope * slope) {
      low = length;
    } else {
      return true;
    }
    length = high < std::numeric_limits<double>::infinity() ? (low + high) / 2 : 2 * low;
  }
  return false;
}

}  // namespace

LbfgsResult minimise(const SmoothFunction& function, Vector start, const LbfgsOptions& options,
                     const std::function<bool(int, double)>& on_step) {
  Point at{std::move(start), {}, 0}, next;
  at.value = function(at.x, at.gradient);
  Memory memory;
  LbfgsResult result;
  const auto largest = [&] { return at.gradient.lpNorm<Eigen::Infinity>(); };
  while (largest() > options.tolerance && result.steps < options.steps) {
    const double first = memory.empty() ? 1 / at.gradient.norm() : 1;
    if (!search(function, at, memory.direction(at.gradient), first, next)) {
      if (memory.empty()) break;
      memory.clear();  // once more, straight down
      continue;
    }
    memory.add(next.x - at.x, next.gradient - at.gradient);
    std::swap(at, next);
    ++result.steps;
    if (on_step && !on_step(result.steps, largest())) {
      result.cancelled = true;
      break;
    }
  }
  result.converged = largest() <= options.tolerance;
  result.value = at.value;
  result.x = std::move(at.x);
  return result;
}

}  // namespace inoculate
