#include "attack/hyperplane.h"

#include <algorithm>
#include <utility>

#include "attack/gradients.h"
#include "attack/perturbation.h"

namespace inoculate {

AttackResult hyperplane(const AttackTask& task) {
  const int classes = task.classes();
  const LogitGradient towards = [&](float* d_logits, const float*, int begin, int n) {
    std::fill_n(d_logits, static_cast<std::ptrdiff_t>(n) * classes, 0.0F);
    for (int i = 0; i < n; ++i, d_logits += classes) {
      if (task.criterion.target) {
        d_logits[*task.criterion.target] = 1;
      } else {
        d_logits[task.labels[static_cast<std::size_t>(begin + i)]] = -1;
      }
    }
  };
  Matrix adversaries;
  objective_gradients(adversaries, nullptr, task.model, task.images, towards);
  for_each_row(task.size(), [&](int i) {
    float* row = adversaries.row(i).data();
    step_along(row, task.images.row(i).data(), row, task.input_size(), task.threat.norm,
               task.threat.epsilon);
    clip(row, task.input_size(), task.threat.range);
  });
  return judge_adversaries(
      task, std::move(adversaries),
      std::vector<AttackCalls>(static_cast<std::size_t>(task.size()), AttackCalls{0, 1}));
}

AttackMethod hyperplane_method() {
  return {"hyperplane",
          "one step across the true class's hyperplane",
          "Papernot et al. 2016",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kEpsilonBit | kTargetBit | kConfidenceFilterBit,
          [](const AttackTask& task, const AttackOptions&, Rng&, const OnAttackProgress&) {
            return hyperplane(task);
          }};
}

}  // namespace inoculate
