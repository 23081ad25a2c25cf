#include "train/one_step_training.h"

#include <utility>

#include "attack/pgd.h"

namespace inoculate {
namespace {

// A share of the batch. On MNIST at epsilon 0.3 networks on the way to overfitting show 0.2 to 0.4,
// and those past their first two epochs stay below.
constexpr double kMostGap = 0.2;

// Few steps, each shorter than the one step: they find what it jumps over.
PgdOptions recovery_pgd() {
  PgdOptions attack;
  attack.steps = 3;
  attack.step_size = 0.5F;
  return attack;
}

}  // namespace

Matrix one_step_adversaries(const AttackTask& task, bool recover, OneStepState& state, Rng& rng) {
  const auto by_one_step = [&] { return pgd_iterates(task, random_start_fgsm_options(), rng); };
  const auto by_pgd = [&] { return pgd_iterates(task, recovery_pgd(), rng); };
  if (!recover) return by_one_step();
  if (++state.unchecked == OneStepState::kCheckEvery) {
    state.unchecked = 0;
    const int fooled_by_one_step = judge_adversaries(task, by_one_step(), {}).successes();
    AttackResult judged = judge_adversaries(task, by_pgd(), {});
    const int gap = judged.successes() - fooled_by_one_step;
    if (gap > kMostGap * task.size()) state.recovery = OneStepState::kRecovery;
    return std::move(judged.adversaries);
  }
  if (state.recovery == 0) return by_one_step();
  --state.recovery;
  return by_pgd();
}

}  // namespace inoculate
