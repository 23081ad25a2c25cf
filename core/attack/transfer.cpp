#include "attack/transfer.h"

#include <cassert>
#include <utility>

namespace inoculate {

AttackResult transfer(const AttackTask& task, const Classifier& source, const PgdOptions& options,
                      Rng& rng, const OnAttackProgress& on_progress) {
  assert(source.spec().input == task.model.spec().input && source.spec().classes == task.classes());
  AttackResult made = pgd(
      {source, task.images, task.labels, task.threat, task.criterion, task.numbers, task.targets},
      options, rng, on_progress);
  AttackResult result = judge_adversaries(task, std::move(made.adversaries), std::move(made.calls));
  result.cancelled = made.cancelled;
  return result;
}

AttackMethod transfer_method() {
  return {"transfer",
          "momentum, against another model",
          "Papernot et al. 2016",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kNothing,
          kIteratedBits | kLossBit | kSourceBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& rng,
             const OnAttackProgress& on_progress) {
            assert(common.source != nullptr);
            return transfer(task, *common.source,
                            with_common_options(momentum_options(), task, common), rng,
                            on_progress);
          }};
}

}  // namespace inoculate
