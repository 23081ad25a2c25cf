#include "attack/generated.h"

#include <cassert>
#include <utility>

#include "attack/perturbation.h"

namespace inoculate {

AttackResult generated(const AttackTask& task, const GraphFunction& generator) {
  Matrix adversaries = generator(task.images);
  for_each_row(task.size(), [&](int i) {
    float* x = adversaries.row(i).data();
    const float* image = task.images.row(i).data();
    for (int j = 0; j < task.input_size(); ++j) x[j] = image[j] + task.threat.epsilon * x[j];
    project(x, image, task.input_size(), task.threat);
  });
  return judge_adversaries(task, std::move(adversaries),
                           std::vector<AttackCalls>(task.labels.size()));
}

AttackMethod generated_method() {
  return {"generator",
          "one pass of a generator that was trained to fool a model",
          "Xiao et al. 2018",
          {Norm::kLinf},
          Knowledge::kNothing,
          kEpsilonBit | kConfidenceFilterBit | kGeneratorBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
             const OnAttackProgress& /*on_progress*/) {
            assert(common.generator != nullptr);
            return generated(task, *common.generator);
          }};
}

}  // namespace inoculate
