#include "attack/fmn.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "attack/gradients.h"
#include "attack/margin.h"
#include "attack/nearest.h"
#include "attack/perturbation.h"

namespace inoculate {
namespace {

constexpr float kLastGamma = 0.001F;

// How far the boundary is where the margin's gradient [size] is the same everywhere.
float linear_distance(float margin, const float* gradient, int size, Norm norm) {
  double sum = 0, largest = 0;
  for (int j = 0; j < size; ++j) {
    const double g = std::abs(static_cast<double>(gradient[j]));
    sum += norm == Norm::kL2 ? g * g : g;
    largest = std::max(largest, g);
  }
  const double steepness = norm == Norm::kLinf ? sum : norm == Norm::kL2 ? std::sqrt(sum) : largest;
  return static_cast<float>(std::abs(static_cast<double>(margin)) / (steepness + 1e-12));
}

// The ball's next radius, from what the last point was: an adversary or not, and how far away.
float next_radius(float radius, bool adversary, float nearest, float away, float to_boundary,
                  float gamma, Norm norm) {
  const bool found = std::isfinite(nearest);
  if (norm == Norm::kL0) {  // whole numbers of at least 1, which change by at least 1
    const float next = adversary ? std::min({radius - 1, std::floor(radius * (1 - gamma)), nearest})
                                 : std::max(radius + 1, std::floor(radius * (1 + gamma)));
    return std::max(next, 1.0F);
  }
  if (adversary) return std::min(radius * (1 - gamma), nearest);
  // The range takes from a step what leaves it, so the linear distance alone may never be enough.
  return found ? radius * (1 + gamma) : std::max(away + to_boundary, radius * (1 + gamma));
}

}  // namespace

AttackResult fmn(const AttackTask& task, const FmnOptions& options,
                 const OnAttackProgress& on_progress) {
  const int size = task.input_size();
  const Norm norm = task.threat.norm;
  Search search(task);
  search.look(task.images);
  NearestAdversary nearest(search);
  const TaskPart part(task, search.open);
  const LogitGradient objective = criterion_objective(std::nullopt, part.task);
  const int n = part.task.size();
  Matrix x = part.images, gradients, logits;
  std::vector<float> radius(static_cast<std::size_t>(n), norm == Norm::kL0 ? 1.0F : 0.0F);
  bool cancelled = false;
  for (int step = 0; step < options.steps && n > 0 && !cancelled; ++step) {
    const float length =
        cosine_between(options.step_size, options.step_size / 100, step, options.steps);
    const float gamma = cosine_between(options.gamma, kLastGamma, step, options.steps);
    objective_gradients(gradients, &logits, task.model, x, objective);
    search.count({0, 1});
    for_each_row(n, [&](int row) {
      const auto r = static_cast<std::size_t>(row);
      const int image = search.open[r];
      const float* origin = part.images.row(row).data();
      const float* z = logits.row(row).data();
      float* point = x.row(row).data();
      const Criterion criterion = part.task.criterion_of(row);
      const float away = distance(point, origin, size, norm);
      const bool adversary = meets(criterion, z, task.classes(), part.labels[r]);
      if (adversary) nearest.offer(image, point, away);
      const float gap = margin(criterion, z, task.classes(), part.labels[r]);
      const float* ascent = gradients.row(row).data();
      ThreatModel ball = task.threat;
      ball.epsilon = std::min(next_radius(radius[r], adversary, nearest.distance(image), away,
                                          linear_distance(gap, ascent, size, norm), gamma, norm),
                              furthest_in_range(origin, size, task.threat));
      radius[r] = ball.epsilon;
      step_along(point, point, ascent, size, Norm::kL2, length);
      project(point, origin, size, ball);
    });
    cancelled = search.cancelled_at(on_progress, step + 1, options.steps);
  }
  return search.result(cancelled);
}

AttackMethod fmn_method() {
  return {"fmn",
          "the nearest adversary, in a ball that grows and shrinks",
          "Pintor et al. 2021",
          {Norm::kLinf, Norm::kL2, Norm::kL1, Norm::kL0},
          Knowledge::kGradients,
          kWithinBits | kStepsBit | kNearestBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
             const OnAttackProgress& on_progress) {
            FmnOptions method;
            method.steps = common.steps.value_or(method.steps);
            return fmn(task, method, on_progress);
          }};
}

}  // namespace inoculate
