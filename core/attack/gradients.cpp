#include "attack/gradients.h"

#include <algorithm>
#include <functional>

#include "attack/margin.h"

namespace inoculate {

void objective_gradients(Matrix& gradients, Matrix* logits, const Classifier& model,
                         ConstMatrixRef images, const LogitGradient& objective) {
  model.gradients({&gradients, 1}, logits, images, {&objective, 1});
}

LogitGradient loss_objective(Loss loss, const Labels& labels, int classes) {
  return [loss, &labels, classes](float* d_logits, const float* logits, int begin, int n) {
    loss_and_gradient(nullptr, d_logits, loss, 1.0F, logits, labels.data() + begin, n, classes);
  };
}

LogitGradient criterion_objective(std::optional<Loss> loss, const AttackTask& task) {
  const int classes = task.classes();
  if (loss && !task.targeted() && task.criterion.confidence <= 0) {
    return loss_objective(*loss, task.labels, classes);
  }
  return [loss, &task, classes](float* d_logits, const float* logits, int begin, int n) {
    for (int i = 0; i < n; ++i, d_logits += classes, logits += classes) {
      const Criterion criterion = task.criterion_of(begin + i);
      const int label = task.labels[static_cast<std::size_t>(begin + i)];
      if (loss) {
        const auto goal = goal_of(criterion, logits, classes, label);
        loss_and_gradient(nullptr, d_logits, *loss, 1.0F, logits, &goal, 1, classes);
      } else {
        margin(criterion, logits, classes, label, d_logits);
      }
      std::transform(d_logits, d_logits + classes, d_logits, std::negate<>());
    }
  };
}

}  // namespace inoculate
