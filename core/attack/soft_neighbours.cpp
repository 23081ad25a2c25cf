#include "attack/soft_neighbours.h"

#include "attack/fgsm.h"
#include "base/error.h"
#include "model/soft_neighbours.h"

namespace inoculate {

AttackResult soft_neighbours(const AttackTask& task, Loss loss) {
  const auto* hard = dynamic_cast<const NeighboursClassifier*>(&task.model);
  if (hard == nullptr) {
    throw Error(task.model.spec().name + ": its training images cannot be seen");
  }
  return judge_adversaries(
      task,
      fgsm(SoftNeighbours(*hard), task.images, task.labels, {task.threat, loss, task.criterion}),
      std::vector<AttackCalls>(task.labels.size(), AttackCalls{0, 1}));
}

AttackMethod soft_neighbours_method() {
  return {
      "soft-neighbours",
      "one step along the gradient of softened neighbours",
      "Papernot et al. 2016",
      {Norm::kLinf, Norm::kL2},
      Knowledge::kProbabilities,
      kWithinBits | kLossBit,
      [](const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
         const OnAttackProgress& /*on_progress*/) { return soft_neighbours(task, common.loss); },
      ModelKind::kNeighbours};
}

}  // namespace inoculate
