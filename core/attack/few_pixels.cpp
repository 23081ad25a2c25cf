#include "attack/few_pixels.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "attack/margin.h"
#include "attack/perturbation.h"
#include "attack/search.h"

namespace inoculate {
namespace {

constexpr float kScale = 0.5F;  // of a difference of two candidates, the paper's F

// Of each pixel its row, its column and the values of its channels: rows and columns in pixels,
// values in the range's units.
using Candidate = std::vector<float>;

// The evolution of one image's candidates.
class Evolution {
 public:
  Evolution(const AttackTask& task, const FewPixelsOptions& options, int image, Rng& rng)
      : task_(task), options_(options), image_(image), rng_(rng), shape_(task.model.spec().input) {
    const int least = 4;  // a candidate and three others
    const int wanted = std::max(std::min(options.population, options.queries / 10), least);
    candidates_.resize(static_cast<std::size_t>(std::min(wanted, options.queries)));
    for (Candidate& candidate : candidates_) candidate = drawn();
    margins_.assign(candidates_.size(), HUGE_VALF);
    best_ = task.images.row(image);
  }

  // Looks at the first candidates, or at what each of them makes way for. True at a success.
  bool generation() {
    std::vector<Candidate> next = candidates_;
    if (asked_ > 0) {
      for (std::size_t i = 0; i < next.size(); ++i) next[i] = child(i);
    }
    const int at_once = images_in_slice(task_.model.spec());
    const int n = std::min(static_cast<int>(next.size()), left());
    for (int begin = 0; begin < n; begin += at_once) {
      Matrix x = task_.images.row(image_).replicate(std::min(at_once, n - begin), 1);
      for (Eigen::Index row = 0; row < x.rows(); ++row) {
        paint(x.row(row).data(), next[static_cast<std::size_t>(begin + row)]);
      }
      asked_ += static_cast<int>(x.rows());
      if (judge(x, next, begin)) return true;
    }
    return false;
  }

  int asked() const { return asked_; }
  int left() const { return options_.queries - asked_; }
  bool can_evolve() const { return candidates_.size() >= 4; }
  // The image with the best candidate.
  const Matrix& best() const { return best_; }

 private:
  int values_per_pixel() const { return 2 + shape_.c; }
  ValueRange range() const { return task_.threat.range.value_or(ValueRange{}); }

  // Any place is as likely; values are normal around the middle of the range, as in the paper.
  Candidate drawn() {
    const auto [low, high] = range();
    Candidate candidate;
    for (int k = 0; k < options_.pixels; ++k) {
      candidate.push_back(static_cast<float>(rng_.uniform() * shape_.h));
      candidate.push_back(static_cast<float>(rng_.uniform() * shape_.w));
      for (int c = 0; c < shape_.c; ++c) {
        const auto normal = static_cast<float>(rng_.normal());
        candidate.push_back((low + high) / 2 + normal * (high - low) / 2);
      }
    }
    return candidate;
  }

  Candidate child(std::size_t parent) {
    const auto n = static_cast<std::uint32_t>(candidates_.size());
    std::size_t others[3];
    for (int k = 0; k < 3; ++k) {
      do {
        others[k] = rng_.below(n);
      } while (others[k] == parent || std::find(others, others + k, others[k]) != others + k);
    }
    Candidate made = candidates_[others[0]];
    for (std::size_t j = 0; j < made.size(); ++j) {
      made[j] += kScale * (candidates_[others[1]][j] - candidates_[others[2]][j]);
    }
    return made;
  }

  // Places beyond the edge are those at the edge, values beyond the range its ends.
  void paint(float* x, const Candidate& candidate) const {
    const auto [low, high] = range();
    const bool levels = low == 0 && high == 1;
    for (int k = 0; k < options_.pixels; ++k) {
      const float* pixel = candidate.data() + k * values_per_pixel();
      const auto row =
          static_cast<int>(std::clamp(pixel[0], 0.0F, static_cast<float>(shape_.h - 1)));
      const auto column =
          static_cast<int>(std::clamp(pixel[1], 0.0F, static_cast<float>(shape_.w - 1)));
      float* to = x + (row * shape_.w + column) * shape_.c;
      for (int c = 0; c < shape_.c; ++c) {
        const float value = std::clamp(pixel[2 + c], low, high);
        to[c] = levels ? std::round(255 * value) / 255 : value;
      }
    }
  }

  bool judge(const Matrix& x, const std::vector<Candidate>& next, int begin) {
    const Matrix logits = task_.model.logits(x);
    const Criterion criterion = task_.criterion_of(image_);
    const int label = task_.labels[static_cast<std::size_t>(image_)];
    for (Eigen::Index row = 0; row < x.rows(); ++row) {
      const auto i = static_cast<std::size_t>(begin + row);
      const float* z = logits.row(row).data();
      if (meets(criterion, z, task_.classes(), label)) {
        best_ = x.row(row);
        return true;
      }
      const float gap = margin(criterion, z, task_.classes(), label);
      if (gap >= margins_[i]) continue;
      margins_[i] = gap;
      candidates_[i] = next[i];
      if (gap >= least_) continue;
      least_ = gap;
      best_ = x.row(row);
    }
    return false;
  }

  const AttackTask& task_;
  const FewPixelsOptions& options_;
  int image_;
  Rng& rng_;
  Shape shape_;
  std::vector<Candidate> candidates_;
  std::vector<float> margins_;  // of the candidates
  Matrix best_;
  float least_ = HUGE_VALF;
  int asked_ = 0;
};

}  // namespace

AttackResult few_pixels(const AttackTask& task, const FewPixelsOptions& options, Rng& rng,
                        const OnAttackProgress& on_progress) {
  assert(options.pixels >= 1 && options.queries >= 2);
  FewPixelsOptions mine = options;
  mine.queries = options.queries - 1;  // but for the look at the image itself
  std::vector<Rng> generators = image_generators(task, rng);
  Search search(task);
  search.look(task.images);
  const std::vector<int> open = search.open;
  const std::int64_t each = options.queries;
  const std::int64_t total = each * static_cast<std::int64_t>(open.size());
  bool cancelled = false;
  for (std::size_t k = 0; k < open.size() && !cancelled; ++k) {
    const auto i = static_cast<std::size_t>(open[k]);
    const std::int64_t before = each * static_cast<std::int64_t>(k);
    Evolution evolution(task, mine, open[k], generators[i]);
    bool fooled = evolution.generation();
    while (!fooled && !cancelled && evolution.left() > 0 && evolution.can_evolve()) {
      cancelled = search.cancelled_at(on_progress, before + evolution.asked(), total);
      if (!cancelled) fooled = evolution.generation();
    }
    search.adversaries.row(open[k]) = evolution.best();
    search.calls[i].forward += evolution.asked();
    if (fooled) std::erase(search.open, open[k]);
    if (!cancelled) cancelled = search.cancelled_at(on_progress, before + each, total);
  }
  return search.result(cancelled);
}

namespace {

constexpr unsigned kBits = kGoalBits | kQueriesBit;

AttackResult run(const AttackTask& task, const AttackOptions& common, int usual_pixels, Rng& rng,
                 const OnAttackProgress& on_progress) {
  FewPixelsOptions method;
  method.pixels = common.pixels.value_or(usual_pixels);
  method.queries = common.queries.value_or(method.queries);
  return few_pixels(task, method, rng, on_progress);
}

}  // namespace

AttackMethod one_pixel_method() {
  return {"one-pixel",
          "one pixel, by differential evolution",
          "Su et al. 2019",
          {Norm::kL0},
          Knowledge::kProbabilities,
          kBits,
          [](const AttackTask& task, const AttackOptions& common, Rng& rng,
             const OnAttackProgress& on_progress) {
            AttackOptions one = common;
            one.pixels = 1;
            return run(task, one, 1, rng, on_progress);
          }};
}

AttackMethod few_pixels_method() {
  return {
      "few-pixels",
      "the same with a few pixels, five if no other number is asked for",
      "Su et al. 2019",
      {Norm::kL0},
      Knowledge::kProbabilities,
      kBits | kPixelsBit,
      [](const AttackTask& task, const AttackOptions& common, Rng& rng,
         const OnAttackProgress& on_progress) { return run(task, common, 5, rng, on_progress); }};
}

}  // namespace inoculate
