#include "attack/registry.h"

#include <algorithm>

#include "attack/apgd.h"
#include "attack/carlini_wagner.h"
#include "attack/deepfool.h"
#include "attack/fgsm.h"
#include "attack/noise.h"
#include "attack/pgd.h"
#include "attack/square.h"

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

AttackResult run_apgd(const AttackTask& task, ApgdLoss loss, const AttackOptions& options, Rng& rng,
                      const OnAttackProgress& on_progress) {
  ApgdOptions apgd_options;
  apgd_options.loss = loss;
  apgd_options.steps = options.steps.value_or(apgd_options.steps);
  apgd_options.restarts = options.restarts.value_or(apgd_options.restarts);
  return apgd(task, apgd_options, rng, on_progress);
}

AttackResult run_noise(const AttackTask& task, NoiseKind kind, const AttackOptions& options,
                       Rng& rng, const OnAttackProgress& on_progress) {
  NoiseOptions noise_options;
  noise_options.kind = kind;
  if (options.queries) noise_options.draws = *options.queries - 1;  // the first is the image itself
  return noise(task, noise_options, rng, on_progress);
}

const std::vector<AttackMethod>& methods() {
  static const std::vector<AttackMethod> all{
      {"fgsm",
       "one step along the gradient",
       "Goodfellow et al. 2015",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kGradients,
       kEpsilonBit | kLossBit | kGoalBits,
       false,
       run_fgsm},
      {"fgsm-rs",
       "one step of 1.25 epsilon from a random start",
       "Wong et al. 2020",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kGradients,
       kEpsilonBit | kLossBit | kStepSizeBit | kRestartsBit | kGoalBits,
       false,
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
       false,
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
       false,
       [](const AttackTask& task, const AttackOptions& options, Rng& rng,
          const OnAttackProgress& on_progress) {
         return run_pgd(task, pgd_options(task.threat.norm), options, rng, on_progress);
       }},
      {"momentum",
       "BIM that keeps some of its last direction",
       "Dong et al. 2018",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kGradients,
       kEpsilonBit | kLossBit | kStepsBit | kStepSizeBit | kGoalBits,
       false,
       [](const AttackTask& task, const AttackOptions& options, Rng& rng,
          const OnAttackProgress& on_progress) {
         return run_pgd(task, momentum_options(), options, rng, on_progress);
       }},
      {"apgd-ce",
       "PGD that sets its own step size, on the cross-entropy",
       "Croce & Hein 2020",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kGradients,
       kEpsilonBit | kStepsBit | kRestartsBit | kGoalBits,
       false,
       [](const AttackTask& task, const AttackOptions& options, Rng& rng,
          const OnAttackProgress& on_progress) {
         return run_apgd(task, ApgdLoss::kCrossEntropy, options, rng, on_progress);
       }},
      {"apgd-t",
       "the same on the logits ratio, towards each wrong class in turn",
       "Croce & Hein 2020",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kGradients,
       kEpsilonBit | kStepsBit | kRestartsBit | kGoalBits,
       false,
       [](const AttackTask& task, const AttackOptions& options, Rng& rng,
          const OnAttackProgress& on_progress) {
         return run_apgd(task, ApgdLoss::kTargetedDlr, options, rng, on_progress);
       }},
      {"deepfool",
       "to the nearest boundary of the linearised network",
       "Moosavi-Dezfooli et al. 2016",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kGradients,
       kEpsilonBit | kStepsBit | kGoalBits,
       true,
       [](const AttackTask& task, const AttackOptions& options, Rng& /*rng*/,
          const OnAttackProgress& on_progress) {
         DeepFoolOptions deepfool_options;
         deepfool_options.steps = options.steps.value_or(deepfool_options.steps);
         return deepfool(task, deepfool_options, on_progress);
       }},
      {"cw",
       "the nearest adversary by optimisation",
       "Carlini & Wagner 2017",
       {Norm::kL2},
       Knowledge::kGradients,
       kEpsilonBit | kStepsBit | kGoalBits,
       true,
       [](const AttackTask& task, const AttackOptions& options, Rng& /*rng*/,
          const OnAttackProgress& on_progress) {
         CarliniWagnerOptions cw_options;
         cw_options.steps = options.steps.value_or(cw_options.steps);
         return carlini_wagner(task, cw_options, on_progress);
       }},
      {"square",
       "squares of one shade, kept where they help",
       "Andriushchenko et al. 2020",
       {Norm::kLinf},
       Knowledge::kProbabilities,
       kEpsilonBit | kQueriesBit | kGoalBits,
       false,
       [](const AttackTask& task, const AttackOptions& options, Rng& rng,
          const OnAttackProgress& on_progress) {
         SquareOptions square_options;
         square_options.queries = options.queries.value_or(square_options.queries);
         return square(task, square_options, rng, on_progress);
       }},
      {"uniform-noise",
       "uniform noise, the best of 100 draws",
       "Rauber et al. 2020",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kProbabilities,
       kEpsilonBit | kQueriesBit | kGoalBits,
       false,
       [](const AttackTask& task, const AttackOptions& options, Rng& rng,
          const OnAttackProgress& on_progress) {
         return run_noise(task, NoiseKind::kUniform, options, rng, on_progress);
       }},
      {"gaussian-noise",
       "Gaussian noise, the best of 100 draws",
       "Rauber et al. 2020",
       {Norm::kLinf, Norm::kL2},
       Knowledge::kProbabilities,
       kEpsilonBit | kQueriesBit | kGoalBits,
       false,
       [](const AttackTask& task, const AttackOptions& options, Rng& rng,
          const OnAttackProgress& on_progress) {
         return run_noise(task, NoiseKind::kGaussian, options, rng, on_progress);
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
