#include "attack/boundary.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
#include <numeric>
#include <utility>
#include <vector>

#include "attack/decisions.h"
#include "attack/perturbation.h"
#include "attack/search.h"

namespace inoculate {
namespace {

constexpr int kCheckEvery = 10;  // steps between looks at how often the sphere keeps the class
// Shares of tries that keep the class, beyond which steps grow or shrink, and of how many the last.
constexpr double kSidewaysLow = 0.2, kSidewaysHigh = 0.5;
constexpr std::size_t kSidewaysTries = 100;
constexpr double kInwardLow = 0.1, kInwardHigh = 0.25;
constexpr std::size_t kInwardTries = 30;

// Whether the last tries kept the class.
class RecentTries {
 public:
  explicit RecentTries(std::size_t most) : most_(most) {}

  void add(bool kept) {
    if (tries_.size() == most_) tries_.pop_front();
    tries_.push_back(kept);
  }
  // 1 or -1 where there are enough of them and their share lies above `high` or below `low`, which
  // are then forgotten; else 0.
  int verdict(double low, double high) {
    if (tries_.size() < most_) return 0;
    const auto kept = std::count(tries_.begin(), tries_.end(), 1);
    const double share = static_cast<double>(kept) / static_cast<double>(most_);
    const int told = share > high ? 1 : share < low ? -1 : 0;
    if (told != 0) tries_.clear();
    return told;
  }

 private:
  std::size_t most_;
  std::deque<char> tries_;
};

// One image on its way.
struct Walker {
  int image;
  Rng rng;
  Matrix x, sideways, inward;  // [1, input]: where it is, and what it tries
  float away;                  // of x from the image
  float sideways_step, inward_step;
  int left;  // queries
  RecentTries kept_sideways{kSidewaysTries}, kept_inward{kInwardTries};

  // Draws the next tries: a step along the sphere, and from there one towards the image.
  void draw(const AttackTask& task) {
    const int size = task.input_size();
    const float* origin = task.images.row(image).data();
    std::vector<float> step(static_cast<std::size_t>(size)), out(step.size());
    for (float& s : step) s = static_cast<float>(rng.normal());
    std::transform(x.data(), x.data() + size, origin, out.begin(), std::minus<>());
    // Without its part along the radius, of the sideways length.
    const double along = std::inner_product(step.begin(), step.end(), out.begin(), 0.0) /
                         (static_cast<double>(away) * away);
    for (std::size_t j = 0; j < step.size(); ++j) step[j] -= static_cast<float>(along) * out[j];
    const std::vector<float> zero(step.size());
    step_along(step.data(), zero.data(), step.data(), size, Norm::kL2, sideways_step * away);
    const float scale = 1 / std::sqrt(sideways_step * sideways_step + 1);
    sideways.resize(1, size);
    for (int j = 0; j < size; ++j) {
      const auto at = static_cast<std::size_t>(j);
      sideways(0, j) = origin[j] + scale * (out[at] + step[at]);
    }
    clip(sideways.data(), size, task.threat.range);
    // Clipping may have brought it nearer than the sphere: so much less is to go.
    const float now = distance(sideways.data(), origin, size, Norm::kL2);
    const float length = std::max(inward_step * away + now - away, 0.0F);
    inward = sideways;
    if (now > 0) inward += length / now * (task.images.row(image) - sideways);
    clip(inward.data(), size, task.threat.range);
  }

  void adapt(float factor) {
    const int sideways_told = kept_sideways.verdict(kSidewaysLow, kSidewaysHigh);
    const int inward_told = kept_inward.verdict(kInwardLow, kInwardHigh);
    sideways_step *= std::pow(factor, static_cast<float>(sideways_told));
    inward_step *= std::pow(factor, static_cast<float>(sideways_told + inward_told));
  }
};

// Images of the walkers that `tries` picks, one a row.
Matrix gathered(const std::vector<Walker>& walkers, Matrix Walker::*tries) {
  Matrix all(static_cast<Eigen::Index>(walkers.size()), (walkers.front().*tries).cols());
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    all.row(static_cast<Eigen::Index>(i)) = walkers[i].*tries;
  }
  return all;
}

// Where each walker's try keeps its class, for a query each.
std::vector<char> kept(const AttackTask& task, std::vector<Walker>& walkers,
                       Matrix Walker::*tries) {
  const Matrix logits = task.model.logits(gathered(walkers, tries));
  std::vector<char> met(walkers.size());
  for (std::size_t i = 0; i < walkers.size(); ++i) {
    --walkers[i].left;
    met[i] =
        meets(task.criterion_of(walkers[i].image), logits.row(static_cast<Eigen::Index>(i)).data(),
              task.classes(), task.labels[static_cast<std::size_t>(walkers[i].image)]);
  }
  return met;
}

// The walkers of the open images that have a start.
std::vector<Walker> walkers_of(Search& search, const Matrix& logits, const BoundaryOptions& options,
                               Rng& rng) {
  std::vector<Rng> generators = image_generators(search.task, rng);
  std::vector<Walker> walkers;
  for (const int image : search.open) {
    const auto i = static_cast<std::size_t>(image);
    Decisions decisions(search.task, image, options.queries - 1);
    auto start = starting_point(decisions, search.task, logits, generators[i]);
    search.calls[i].forward += decisions.asked();
    if (!start) {
      ++search.without_start;
      continue;
    }
    const float away = distance(start->data(), search.task.images.row(image).data(),
                                search.task.input_size(), Norm::kL2);
    walkers.push_back({image,
                       generators[i],
                       std::move(*start),
                       {},
                       {},
                       away,
                       options.sideways_step,
                       options.inward_step,
                       decisions.left()});
  }
  return walkers;
}

}  // namespace

AttackResult boundary(const AttackTask& task, const BoundaryOptions& options, Rng& rng,
                      const OnAttackProgress& on_progress) {
  Search search(task);
  const Matrix logits = search.look(task.images);
  std::vector<Walker> walkers = walkers_of(search, logits, options, rng);
  const auto take = [&](const Walker& walker) { search.adversaries.row(walker.image) = walker.x; };
  std::for_each(walkers.begin(), walkers.end(), take);
  bool cancelled = false;
  for (int step = 1; !cancelled; ++step) {
    std::erase_if(walkers, [&](const Walker& walker) {
      return walker.left < 2 || walker.inward_step < options.at_rest || walker.away <= 0;
    });
    if (walkers.empty()) break;
    for_each_row(static_cast<int>(walkers.size()),
                 [&](int i) { walkers[static_cast<std::size_t>(i)].draw(task); });
    const std::vector<char> met = kept(task, walkers, &Walker::inward);
    const bool check = step % kCheckEvery == 0;
    const std::vector<char> on_sphere =
        check ? kept(task, walkers, &Walker::sideways) : std::vector<char>();
    for (std::size_t i = 0; i < walkers.size(); ++i) {
      Walker& walker = walkers[i];
      search.calls[static_cast<std::size_t>(walker.image)].forward += check ? 2 : 1;
      if (check) {
        walker.kept_sideways.add(on_sphere[i] != 0);
        walker.kept_inward.add(met[i] != 0);
        walker.adapt(options.adaptation);
      }
      const float away = distance(walker.inward.data(), task.images.row(walker.image).data(),
                                  task.input_size(), Norm::kL2);
      if (met[i] == 0 || !(away < walker.away)) continue;
      walker.x = walker.inward;
      walker.away = away;
      take(walker);
    }
    cancelled = search.cancelled_at(on_progress, step, options.queries);
  }
  return search.result(cancelled);
}

AttackMethod boundary_method() {
  return {"boundary",
          "a random walk along the boundary, seeing the class only",
          "Brendel et al. 2018",
          {Norm::kL2},
          Knowledge::kLabels,
          kEpsilonBit | kTargetBit | kQueriesBit | kNearestBit | kTogetherBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& rng,
             const OnAttackProgress& on_progress) {
            BoundaryOptions method;
            method.queries = common.queries.value_or(method.queries);
            return boundary(task, method, rng, on_progress);
          }};
}

}  // namespace inoculate
