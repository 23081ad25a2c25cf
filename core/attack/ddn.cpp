#include "attack/ddn.h"

#include <algorithm>
#include <functional>
#include <vector>

#include "attack/gradients.h"
#include "attack/nearest.h"
#include "attack/perturbation.h"

namespace inoculate {

AttackResult ddn(const AttackTask& task, const DdnOptions& options,
                 const OnAttackProgress& on_progress) {
  const int size = task.input_size();
  Search search(task);
  search.look(task.images);
  NearestAdversary nearest(search);
  const TaskPart part(task, search.open);
  const LogitGradient objective = criterion_objective(Loss::kCrossEntropy, part.task);
  const int n = part.task.size();
  Matrix x = part.images, gradients, logits;
  std::vector<float> radius(static_cast<std::size_t>(n), options.first_radius);
  bool cancelled = false;
  for (int step = 0; step < options.steps && n > 0 && !cancelled; ++step) {
    const float length = cosine_between(1, 0.01F, step, options.steps);
    objective_gradients(gradients, &logits, task.model, x, objective);
    search.count({0, 1});
    for_each_row(n, [&](int row) {
      const auto r = static_cast<std::size_t>(row);
      const float* origin = part.images.row(row).data();
      float* point = x.row(row).data();
      const bool adversary = meets(part.task.criterion_of(row), logits.row(row).data(),
                                   task.classes(), part.labels[r]);
      if (adversary) {
        nearest.offer(search.open[r], point, distance(point, origin, size, Norm::kL2));
      }
      radius[r] = std::min(radius[r] * (adversary ? 1 - options.gamma : 1 + options.gamma),
                           furthest_in_range(origin, size, task.threat));
      step_along(point, point, gradients.row(row).data(), size, Norm::kL2, length);
      std::vector<float> direction(static_cast<std::size_t>(size));
      std::transform(point, point + size, origin, direction.begin(), std::minus<>());
      step_along(point, origin, direction.data(), size, Norm::kL2, radius[r]);
      clip(point, size, task.threat.range);
    });
    cancelled = search.cancelled_at(on_progress, step + 1, options.steps);
  }
  return search.result(cancelled);
}

AttackMethod ddn_method() {
  return {"ddn",
          "the nearest adversary, on a sphere that grows and shrinks",
          "Rony et al. 2019",
          {Norm::kL2},
          Knowledge::kGradients,
          kWithinBits | kStepsBit | kNearestBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
             const OnAttackProgress& on_progress) {
            DdnOptions method;
            method.steps = common.steps.value_or(method.steps);
            return ddn(task, method, on_progress);
          }};
}

}  // namespace inoculate
