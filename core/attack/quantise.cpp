#include "attack/quantise.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <utility>
#include <vector>

#include "attack/gradients.h"
#include "attack/margin.h"
#include "attack/perturbation.h"
#include "attack/stored.h"

namespace inoculate {
namespace {

constexpr int kTop = 255;  // the highest level
constexpr int kRounds = 40;
constexpr int kTries = 100;
constexpr float kFurthest = 0.1F;  // how much further than the adversary the last try goes

// Whole levels within an L-inf epsilon, of which sums of floats may have lost a little.
int whole_levels(float epsilon) {
  return static_cast<int>(std::min(255 * static_cast<double>(epsilon) + 1e-4, 255.0));
}

// An image as levels, which stays within the threat of the levels it began with.
class LevelImage {
 public:
  LevelImage(const float* image, int size, const ThreatModel& threat)
      : origin_(to_levels(image, static_cast<std::size_t>(size))), levels_(origin_) {
    const auto epsilon = static_cast<double>(threat.epsilon);
    if (threat.norm == Norm::kLinf) most_ = whole_levels(threat.epsilon);
    if (threat.norm == Norm::kL2) most_squares_ = 255 * 255 * epsilon * epsilon * (1 + 1e-6);
    if (threat.norm == Norm::kL1) most_sum_ = 255 * epsilon * (1 + 1e-6);
    if (threat.norm == Norm::kL0) most_changed_ = epsilon;
  }

  int size() const { return static_cast<int>(levels_.size()); }
  int origin(int j) const { return origin_[static_cast<std::size_t>(j)]; }
  int level(int j) const { return levels_[static_cast<std::size_t>(j)]; }

  /// By how many levels pixel j may go up or down, if it goes alone and only L-inf bounds it.
  int room(int j, bool up) const {
    const int end = up ? std::min(kTop, origin(j) + most_) : std::max(0, origin(j) - most_);
    return std::abs(end - level(j));
  }

  /// Moves pixel j to the level, or as near as a pixel may be to it. Where the whole image would
  /// leave the threat nothing moves. Returns by how many levels it moved.
  int set(int j, int level) {
    const int from = origin(j), before = this->level(j);
    level = std::clamp(level, std::max(0, from - most_), std::min(kTop, from + most_));
    const int away = level - from, was_away = before - from;
    const double squares = squares_ + away * away - was_away * was_away;
    const double sum = sum_ + std::abs(away) - std::abs(was_away);
    const int changed = changed_ + (away != 0) - (was_away != 0);
    const bool nearer = std::abs(away) <= std::abs(was_away);
    const bool within = squares <= most_squares_ && sum <= most_sum_ && changed <= most_changed_;
    if (!nearer && !within) return 0;
    levels_[static_cast<std::size_t>(j)] = static_cast<std::uint8_t>(level);
    squares_ = squares;
    sum_ = sum;
    changed_ = changed;
    return std::abs(level - before);
  }

  void write(float* x) const {
    std::transform(levels_.begin(), levels_.end(), x,
                   [](std::uint8_t level) { return static_cast<float>(level) / kTop; });
  }

 private:
  std::vector<std::uint8_t> origin_, levels_;
  int most_ = kTop;
  double most_squares_ = HUGE_VAL, most_sum_ = HUGE_VAL, most_changed_ = HUGE_VAL;
  double squares_ = 0, sum_ = 0;  // of the changes, in levels
  int changed_ = 0;               // values
};

// The levels nearest to the adversary x. Where not all of them lie within the threat, those whose
// rounding changes least are first.
void round_to(LevelImage& levels, const float* x, const float* image) {
  std::vector<float> away(static_cast<std::size_t>(levels.size()));  // in levels
  for (int j = 0; j < levels.size(); ++j)
    away[static_cast<std::size_t>(j)] = kTop * (x[j] - image[j]);
  std::vector<std::pair<float, int>> upwards;  // rest of the way to the nearest level, pixel
  for (int j = 0; j < levels.size(); ++j) {
    const float a = away[static_cast<std::size_t>(j)];
    levels.set(j, levels.origin(j) + static_cast<int>(a));
    const float rest = std::abs(std::round(a)) - std::abs(a);
    if (rest > 0) upwards.emplace_back(rest, j);
  }
  std::sort(upwards.begin(), upwards.end());
  for (const auto& [rest, j] : upwards) {
    const float a = away[static_cast<std::size_t>(j)];
    levels.set(j, levels.origin(j) + static_cast<int>(std::round(a)));
  }
}

// Moves the pixels of the steepest slopes against the gradient [size] until the margin has fallen
// by `need`, as far as the gradient tells: by a level, or by 2, 4 and so on where fewer do not
// suffice.
void descend(LevelImage& levels, const float* gradient, float need) {
  std::vector<int> order;
  for (int j = 0; j < levels.size(); ++j) {
    if (gradient[j] != 0 && levels.room(j, gradient[j] < 0) > 0) order.push_back(j);
  }
  int by = 1;
  const auto fall_of_all = [&] {
    float fall = 0;
    for (const int j : order) {
      const int steps = std::min(by, levels.room(j, gradient[j] < 0));
      fall += static_cast<float>(steps) * std::abs(gradient[j]) / kTop;
    }
    return fall;
  };
  while (by < kTop && fall_of_all() < need) by = std::min(2 * by, kTop);
  std::stable_sort(order.begin(), order.end(),
                   [&](int a, int b) { return std::abs(gradient[a]) > std::abs(gradient[b]); });
  float fall = 0;
  for (const int j : order) {
    if (fall >= need) return;
    const int moved = levels.set(j, levels.level(j) + (gradient[j] > 0 ? -by : by));
    fall += static_cast<float>(moved) * std::abs(gradient[j]) / kTop;
  }
}

// The adversaries at work: of each its row in the task, and its levels.
struct Open {
  const AttackTask& task;
  std::vector<int> rows;
  std::vector<LevelImage> levels;
  Matrix& adversaries;              // [N, input] of the task
  std::vector<AttackCalls>& calls;  // [N] of the task

  Matrix pixels() const {
    Matrix x(static_cast<Eigen::Index>(rows.size()), task.input_size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      levels[i].write(x.row(static_cast<Eigen::Index>(i)).data());
    }
    return x;
  }

  // Counts a look at each, keeps what was looked at, and closes what meets the criterion.
  void close(const Matrix& x, const Matrix& logits, const AttackCalls& cost) {
    std::size_t left = 0;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto row = static_cast<std::size_t>(rows[i]);
      const auto r = static_cast<Eigen::Index>(i);
      calls[row].forward += cost.forward;
      calls[row].gradient += cost.gradient;
      adversaries.row(rows[i]) = x.row(r);
      if (meets(task.criterion_of(rows[i]), logits.row(r).data(), task.classes(),
                task.labels[row])) {
        continue;
      }
      rows[left] = rows[i];
      levels[left] = levels[i];
      ++left;
    }
    rows.resize(left);
    levels.erase(levels.begin() + static_cast<std::ptrdiff_t>(left), levels.end());
  }
};

void repair_by_gradients(Open& open) {
  const AttackTask& task = open.task;
  const int classes = task.classes();
  for (int round = 0; round < kRounds && !open.rows.empty(); ++round) {
    const Matrix x = open.pixels();
    const Labels labels = labels_of(task.labels, open.rows);
    Matrix gradients, logits;
    std::vector<float> margins(open.rows.size());
    objective_gradients(
        gradients, &logits, task.model, x, [&](float* d, const float* z, int begin, int n) {
          for (int i = 0; i < n; ++i, d += classes, z += classes) {
            const auto row = static_cast<std::size_t>(begin + i);
            margins[row] = margin(task.criterion_of(open.rows[row]), z, classes, labels[row], d);
          }
        });
    // Images that meet the criterion move too, but what is kept of them is what was looked at.
    std::vector<LevelImage> moved = open.levels;
    // Each round asks for a little more than the last, in case the network bends away.
    const float more = 1 + 0.25F * static_cast<float>(round);
    for_each_row(static_cast<int>(moved.size()), [&](int i) {
      const auto at = static_cast<std::size_t>(i);
      descend(moved[at], gradients.row(i).data(), more * (std::max(margins[at], 0.0F) + 1e-3F));
    });
    open.levels = std::move(moved);
    open.close(x, logits, {0, 1});
  }
}

void repair_by_queries(Open& open, const AttackResult& result, std::vector<Rng>& generators) {
  const AttackTask& task = open.task;
  for (int number = 0; number <= kTries && !open.rows.empty(); ++number) {
    const Matrix x = open.pixels();
    open.close(x, task.model.logits(x), {1, 0});
    const float late = std::max(0.0F, static_cast<float>(number + 1 - kTries / 2) / (kTries / 2));
    for (std::size_t i = 0; i < open.rows.size(); ++i) {
      const int row = open.rows[i];
      LevelImage next(task.images.row(row).data(), task.input_size(), task.threat);
      for (int j = 0; j < next.size(); ++j) {
        const float away = kTop * (result.adversaries(row, j) - task.images(row, j));
        const double to = static_cast<double>((1 + kFurthest * late) * away) +
                          generators[static_cast<std::size_t>(row)].uniform();
        next.set(j, next.origin(j) + static_cast<int>(std::floor(to)));
      }
      open.levels[i] = std::move(next);
    }
  }
}

}  // namespace

ThreatModel on_levels(ThreatModel threat, Knowledge knowledge) {
  if (knowledge == Knowledge::kGradients) return threat;
  if (threat.norm == Norm::kLinf && std::isfinite(threat.epsilon)) {
    threat.epsilon = static_cast<float>(whole_levels(threat.epsilon)) / kTop;
  }
  return threat;
}

AttackResult quantise(const AttackTask& task, const AttackResult& result, Knowledge knowledge,
                      Rng& rng) {
  assert(task.threat.range && task.threat.range->low == 0 && task.threat.range->high == 1);
  const int size = task.input_size();
  Matrix adversaries(task.size(), size);
  std::vector<AttackCalls> calls = result.calls;
  std::vector<LevelImage> levels;
  for (int i = 0; i < task.size(); ++i) {
    levels.emplace_back(task.images.row(i).data(), size, task.threat);
    round_to(levels.back(), result.adversaries.row(i).data(), task.images.row(i).data());
    levels.back().write(adversaries.row(i).data());
  }
  if (knowledge != Knowledge::kNothing) {
    Open open{task, {}, {}, adversaries, calls};
    for (int i = 0; i < task.size(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      if (result.success[at] == 0) continue;
      open.rows.push_back(i);
      open.levels.push_back(std::move(levels[at]));
    }
    std::vector<Rng> generators = image_generators(task, rng);
    if (knowledge == Knowledge::kGradients) {
      repair_by_gradients(open);
    } else {
      repair_by_queries(open, result, generators);
    }
  }
  AttackResult quantised = judge_adversaries(task, std::move(adversaries), std::move(calls));
  quantised.cancelled = result.cancelled;
  return quantised;
}

}  // namespace inoculate
