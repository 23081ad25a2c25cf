#include "attack/hop_skip_jump.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "attack/decisions.h"
#include "attack/nearest.h"
#include "attack/perturbation.h"

namespace inoculate {
namespace {

constexpr int kHalvings = 25;  // of a jump until it is given up

// One image on its way.
class Jumper {
 public:
  Jumper(const AttackTask& task, const HopSkipJumpOptions& options, Decisions& decisions, Rng& rng)
      : task_(task), options_(options), decisions_(decisions), rng_(rng) {}

  // Where the line (in L-inf the shrinking cube) from x to the image leaves the class, on the side
  // of the class.
  void to_boundary(Matrix& x) {
    const double d = task_.input_size();
    double high = linf() ? static_cast<double>(away(x)) : 1.0, low = 0;
    const double threshold = high / (linf() ? d * d : d * std::sqrt(d));
    Matrix best = x;
    while (high - low > threshold && decisions_.left() > 0) {
      const double middle = (low + high) / 2;
      const auto part = static_cast<float>(middle);
      if (part <= static_cast<float>(low) || part >= static_cast<float>(high)) break;
      const Matrix between = between_image_and(x, part);
      const bool success = decisions_.is_success(between);
      if (success) best = between;
      (success ? high : low) = middle;
    }
    x = best;
  }

  // One step from x at the boundary. False when the queries do not suffice for it.
  bool jump(Matrix& x, int step) {
    const double root = std::sqrt(static_cast<double>(step) + 1);
    const int samples =
        static_cast<int>(std::min<double>(options_.first_samples * root, options_.most_samples));
    if (samples + 2 > decisions_.left()) return false;
    const float from = away(x);
    const float delta = step == 0 ? 0.1F : from / static_cast<float>(task_.input_size());
    const Matrix direction = guessed_normal(x, samples, delta);
    float length = from / static_cast<float>(root);
    for (int halving = 0; halving < kHalvings && decisions_.left() > 0; ++halving, length /= 2) {
      Matrix next = x + length * direction;
      clip(next.data(), task_.input_size(), range());
      if (!decisions_.is_success(next)) continue;
      to_boundary(next);
      x = next;
      return true;
    }
    return true;
  }

  float away(const Matrix& x) const {
    return distance(x.data(), origin(), task_.input_size(), task_.threat.norm);
  }

 private:
  bool linf() const { return task_.threat.norm == Norm::kLinf; }
  const float* origin() const { return task_.images.row(decisions_.image()).data(); }
  ValueRange range() const { return task_.threat.range.value_or(ValueRange{}); }

  Matrix between_image_and(const Matrix& x, float part) const {
    const auto image = task_.images.row(decisions_.image());
    if (!linf()) return (1 - part) * image + part * x;
    return image + (x - image).cwiseMin(part).cwiseMax(-part);
  }

  // The direction, of length 1 (in L-inf its signs), in which most of the draws at distance `delta`
  // around x are read as wanted.
  Matrix guessed_normal(const Matrix& x, int samples, float delta) {
    const int at_once = images_in_slice(task_.model.spec()), size = task_.input_size();
    // In double precision: of thousands of draws little but their mean is left.
    Eigen::RowVectorXd all = Eigen::RowVectorXd::Zero(size), wanted = all;
    int successes = 0;
    for (int begin = 0; begin < samples; begin += at_once) {
      const int n = std::min(at_once, samples - begin);
      Matrix draws(n, size);
      for (int i = 0; i < n; ++i) {
        for (int j = 0; j < size; ++j) {
          draws(i, j) = static_cast<float>(linf() ? 2 * rng_.uniform() - 1 : rng_.normal());
        }
      }
      for_each_row(n, [&](int i) {
        float* draw = draws.row(i).data();
        step_along(draw, x.data(), draw, size, Norm::kL2, delta);
        clip(draw, size, range());
      });
      const std::vector<char> met = decisions_.ask(draws);
      for (int i = 0; i < n; ++i) {
        const Eigen::RowVectorXd draw = draws.row(i).cast<double>() - x.cast<double>();
        all += draw;
        if (met[static_cast<std::size_t>(i)] == 0) continue;
        wanted += draw;
        ++successes;
      }
    }
    // The mean of the draws by +1 and -1, less the mean of those (equation 16), unless all are one.
    const double mean = 2.0 * successes / samples - 1;
    Eigen::RowVectorXd normal = 2 * wanted - all;
    if (successes > 0 && successes < samples) normal -= mean * all;
    if (linf()) return normal.cwiseSign().cast<float>();
    const double length = normal.norm();
    if (length > 0) normal /= length;
    return normal.cast<float>();
  }

  const AttackTask& task_;
  const HopSkipJumpOptions& options_;
  Decisions& decisions_;
  Rng& rng_;
};

}  // namespace

AttackResult hop_skip_jump(const AttackTask& task, const HopSkipJumpOptions& options, Rng& rng,
                           const OnAttackProgress& on_progress) {
  assert(task.threat.norm == Norm::kLinf || task.threat.norm == Norm::kL2);
  std::vector<Rng> generators = image_generators(task, rng);
  Search search(task);
  const Matrix logits = search.look(task.images);
  NearestAdversary nearest(search);
  const std::int64_t each = options.queries;
  const std::int64_t total = each * static_cast<std::int64_t>(search.open.size());
  bool cancelled = false;
  for (std::size_t k = 0; k < search.open.size() && !cancelled; ++k) {
    const int image = search.open[k];
    const auto i = static_cast<std::size_t>(image);
    const std::int64_t before = each * static_cast<std::int64_t>(k);
    Decisions decisions(task, image, options.queries - 1);
    Jumper jumper(task, options, decisions, generators[i]);
    if (auto x = starting_point(decisions, task, logits, generators[i])) {
      jumper.to_boundary(*x);
      nearest.offer(image, x->data(), jumper.away(*x));
      for (int step = 0; !cancelled && jumper.jump(*x, step); ++step) {
        nearest.offer(image, x->data(), jumper.away(*x));
        cancelled = search.cancelled_at(on_progress, before + decisions.asked(), total);
      }
    } else {
      ++search.without_start;
    }
    search.calls[i].forward += decisions.asked();
    if (!cancelled) cancelled = search.cancelled_at(on_progress, before + each, total);
  }
  return search.result(cancelled);
}

AttackMethod hop_skip_jump_method() {
  return {"hop-skip-jump",
          "the nearest adversary along guessed normals of the boundary, seeing the class only",
          "Chen et al. 2020",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kLabels,
          kEpsilonBit | kTargetBit | kQueriesBit | kNearestBit | kTogetherBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& rng,
             const OnAttackProgress& on_progress) {
            HopSkipJumpOptions method;
            method.queries = common.queries.value_or(method.queries);
            return hop_skip_jump(task, method, rng, on_progress);
          }};
}

}  // namespace inoculate
