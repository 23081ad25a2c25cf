#include "attack/fgsm.h"

#include <vector>

#include "attack/gradients.h"
#include "attack/perturbation.h"

namespace inoculate {

Matrix fgsm(const Classifier& model, ConstMatrixRef images, const Labels& labels,
            const FgsmOptions& options) {
  Matrix adversaries;
  objective_gradients(
      adversaries, nullptr, model, images,
      criterion_objective(options.loss, options.criterion, labels, model.spec().classes));
  for_each_row(static_cast<int>(images.rows()), [&](int i) {
    float* row = adversaries.row(i).data();
    const int size = static_cast<int>(images.cols());
    step_along(row, images.row(i).data(), row, size, options.threat.norm, options.threat.epsilon);
    clip(row, size, options.threat.range);
  });
  return adversaries;
}

AttackResult fgsm(const AttackTask& task, Loss loss) {
  return judge_adversaries(
      task, fgsm(task.model, task.images, task.labels, {task.threat, loss, task.criterion}),
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
