#include "attack/registry.h"

#include <algorithm>

#include "attack/fgsm.h"
#include "attack/pgd.h"

namespace inoculate {
namespace {

constexpr unsigned kGoalBits = kTargetBit | kConfidenceBit;

AttackResult run_fgsm(const AttackTask& task, const AttackOptions& options, Rng& /*rng*/,
                      const OnAttackProgress& /*on_progress*/) {
  return fgsm(task, options.loss);
}

AttackResult run_pgd(const AttackTask& task, PgdOptions pgd_options, const AttackOptions& options,
                     Rng& rng, const OnAttackProgress& on_progress) {
  const float epsilon = task.threat.epsilon;
  pgd_options.loss = options.loss;
  pgd_options.steps = options.steps.value_or(pgd_options.steps);
  if (options.step_size) pgd_options.step_size = epsilon > 0 ? *options.step_size / epsilon : 0;
  pgd_options.random_start &= options.random_start;
  if (pgd_options.random_start) pgd_options.restarts = options.restarts.value_or(1);
  return pgd(task, pgd_options, rng, on_progress);
}

const std::vector<AttackMethod>& methods() {
  static const std::vector<AttackMethod> all{
      {"fgsm",
       "one step along the gradient",
       "Goodfellow et al. 2015",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kGradients,
       kEpsilonBit | kLossBit | kGoalBits,
       run_fgsm},
      {"fgsm-rs",
       "one step of 1.25 epsilon from a random start",
       "Wong et al. 2020",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kGradients,
       kEpsilonBit | kLossBit | kStepSizeBit | kRestartsBit | kGoalBits,
       [](const AttackTask& task, const AttackOptions& options, Rng& rng,
          const OnAttackProgress& on_progress) {
         AttackOptions one_step = options;
         one_step.steps = 1;
         one_step.random_start = true;
         return run_pgd(task, random_start_fgsm_options(), one_step, rng, on_progress);
       }},
      {"bim",
       "steps along the gradient, kept within epsilon",
       "Kurakin et al. 2017",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kGradients,
       kEpsilonBit | kLossBit | kStepsBit | kStepSizeBit | kGoalBits,
       [](const AttackTask& task, const AttackOptions& options, Rng& rng,
          const OnAttackProgress& on_progress) {
         return run_pgd(task, bim_options(), options, rng, on_progress);
       }},
      {"pgd",
       "the same from random starts",
       "Madry et al. 2018",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kGradients,
       kEpsilonBit | kLossBit | kStepsBit | kStepSizeBit | kRestartsBit | kRandomStartBit |
           kGoalBits,
       [](const AttackTask& task, const AttackOptions& options, Rng& rng,
          const OnAttackProgress& on_progress) {
         return run_pgd(task, pgd_options(task.threat.norm), options, rng, on_progress);
       }},
  };
  return all;
}

}  // namespace

std::span<const AttackMethod> attack_methods() { return methods(); }

const AttackMethod* find_attack(std::string_view name) {
  const auto& all = methods();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const AttackMethod& m) { return name == m.name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace inoculate
