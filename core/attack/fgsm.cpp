#include "attack/fgsm.h"

#include <vector>

#include "attack/gradients.h"
#include "attack/perturbation.h"

namespace inoculate {

Matrix fgsm_step(const AttackTask& task, Loss loss) {
  Matrix adversaries;
  objective_gradients(adversaries, nullptr, task.model, task.images,
                      criterion_objective(loss, task));
  const int size = task.input_size();
  for_each_row(task.size(), [&](int i) {
    float* row = adversaries.row(i).data();
    step_along(row, task.images.row(i).data(), row, size, task.threat.norm, task.threat.epsilon);
    clip(row, size, task.threat.range);
  });
  return adversaries;
}

Matrix fgsm(const Classifier& model, ConstMatrixRef images, const Labels& labels,
            const FgsmOptions& options) {
  return fgsm_step({model, images, labels, options.threat, options.criterion}, options.loss);
}

AttackResult fgsm(const AttackTask& task, Loss loss) {
  return judge_adversaries(task, fgsm_step(task, loss),
                           std::vector<AttackCalls>(task.labels.size(), AttackCalls{0, 1}));
}

AttackMethod fgsm_method() {
  return {"fgsm",
          "one step along the gradient",
          "Goodfellow et al. 2015",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kWithinBits | kLossBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
             const OnAttackProgress& /*on_progress*/) { return fgsm(task, common.loss); }};
}

}  // namespace inoculate
