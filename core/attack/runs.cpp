#include "attack/runs.h"

#include <cassert>

#include "attack/apgd.h"
#include "attack/carlini_wagner.h"
#include "attack/deepfool.h"
#include "attack/fgsm.h"
#include "attack/jsma.h"
#include "attack/line.h"
#include "attack/nes.h"
#include "attack/noise.h"
#include "attack/pgd.h"
#include "attack/spatial.h"
#include "attack/square.h"
#include "attack/transfer.h"
#include "attack/universal.h"

namespace inoculate::runs {
namespace {

// A step size in units of the pixels as a part of epsilon.
float relative(float step_size, float epsilon) { return epsilon > 0 ? step_size / epsilon : 0; }

PgdOptions with(PgdOptions method, const AttackTask& task, const AttackOptions& common) {
  if (method.loss) method.loss = common.loss;
  method.steps = common.steps.value_or(method.steps);
  if (common.step_size) method.step_size = relative(*common.step_size, task.threat.epsilon);
  method.random_start &= common.random_start;
  if (method.random_start) method.restarts = common.restarts.value_or(method.restarts);
  return method;
}

AttackResult run_apgd(ApgdLoss loss, const AttackTask& task, const AttackOptions& common, Rng& rng,
                      const OnAttackProgress& on_progress) {
  ApgdOptions method;
  method.loss = loss;
  method.steps = common.steps.value_or(method.steps);
  method.restarts = common.restarts.value_or(method.restarts);
  return inoculate::apgd(task, method, rng, on_progress);
}

AttackResult run_noise(NoiseKind kind, const AttackTask& task, const AttackOptions& common,
                       Rng& rng, const OnAttackProgress& on_progress) {
  NoiseOptions method;
  method.kind = kind;
  if (common.queries) method.draws = *common.queries - 1;  // the first look is at the image
  return inoculate::noise(task, method, rng, on_progress);
}

AttackResult run_nes(NesKnowledge knowledge, const AttackTask& task, const AttackOptions& common,
                     Rng& rng, const OnAttackProgress& on_progress) {
  NesOptions method;
  method.knowledge = knowledge;
  method.queries = common.queries.value_or(method.queries);
  if (common.step_size) method.step_size = relative(*common.step_size, task.threat.epsilon);
  return inoculate::nes(task, method, rng, on_progress);
}

}  // namespace

AttackResult fgsm(const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
                  const OnAttackProgress& /*on_progress*/) {
  return inoculate::fgsm(task, common.loss);
}

AttackResult random_start_fgsm(const AttackTask& task, const AttackOptions& common, Rng& rng,
                               const OnAttackProgress& on_progress) {
  AttackOptions one_step = common;
  one_step.steps = 1;
  one_step.random_start = true;
  return inoculate::pgd(task, with(random_start_fgsm_options(), task, one_step), rng, on_progress);
}

AttackResult bim(const AttackTask& task, const AttackOptions& common, Rng& rng,
                 const OnAttackProgress& on_progress) {
  return inoculate::pgd(task, with(bim_options(), task, common), rng, on_progress);
}

AttackResult momentum(const AttackTask& task, const AttackOptions& common, Rng& rng,
                      const OnAttackProgress& on_progress) {
  return inoculate::pgd(task, with(momentum_options(), task, common), rng, on_progress);
}

AttackResult pgd(const AttackTask& task, const AttackOptions& common, Rng& rng,
                 const OnAttackProgress& on_progress) {
  return inoculate::pgd(task, with(pgd_options(task.threat.norm), task, common), rng, on_progress);
}

AttackResult pgd_smooth(const AttackTask& task, const AttackOptions& common, Rng& rng,
                        const OnAttackProgress& on_progress) {
  return inoculate::pgd(task, with(smooth_pgd_options(), task, common), rng, on_progress);
}

AttackResult apgd_cross_entropy(const AttackTask& task, const AttackOptions& common, Rng& rng,
                                const OnAttackProgress& on_progress) {
  return run_apgd(ApgdLoss::kCrossEntropy, task, common, rng, on_progress);
}

AttackResult apgd_targeted(const AttackTask& task, const AttackOptions& common, Rng& rng,
                           const OnAttackProgress& on_progress) {
  return run_apgd(ApgdLoss::kTargetedDlr, task, common, rng, on_progress);
}

AttackResult deepfool(const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
                      const OnAttackProgress& on_progress) {
  DeepFoolOptions method;
  method.steps = common.steps.value_or(method.steps);
  return inoculate::deepfool(task, method, on_progress);
}

AttackResult carlini_wagner(const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
                            const OnAttackProgress& on_progress) {
  CarliniWagnerOptions method;
  method.steps = common.steps.value_or(method.steps);
  return inoculate::carlini_wagner(task, method, on_progress);
}

AttackResult jsma_pairs(const AttackTask& task, const AttackOptions& /*common*/, Rng& /*rng*/,
                        const OnAttackProgress& on_progress) {
  return inoculate::jsma(task, {true}, on_progress);
}

AttackResult jsma_single(const AttackTask& task, const AttackOptions& /*common*/, Rng& /*rng*/,
                         const OnAttackProgress& on_progress) {
  return inoculate::jsma(task, {false}, on_progress);
}

AttackResult universal(const AttackTask& task, const AttackOptions& common, Rng& rng,
                       const OnAttackProgress& on_progress) {
  UniversalOptions method;
  method.steps = common.steps.value_or(method.steps);
  if (common.step_size) method.step_size = relative(*common.step_size, task.threat.epsilon);
  return inoculate::universal(task, method, rng, on_progress);
}

AttackResult transfer(const AttackTask& task, const AttackOptions& common, Rng& rng,
                      const OnAttackProgress& on_progress) {
  assert(common.source != nullptr);
  return inoculate::transfer(task, *common.source, with(momentum_options(), task, common), rng,
                             on_progress);
}

AttackResult square(const AttackTask& task, const AttackOptions& common, Rng& rng,
                    const OnAttackProgress& on_progress) {
  SquareOptions method;
  method.queries = common.queries.value_or(method.queries);
  return inoculate::square(task, method, rng, on_progress);
}

AttackResult nes(const AttackTask& task, const AttackOptions& common, Rng& rng,
                 const OnAttackProgress& on_progress) {
  return run_nes(NesKnowledge::kProbabilities, task, common, rng, on_progress);
}

AttackResult nes_top_class(const AttackTask& task, const AttackOptions& common, Rng& rng,
                           const OnAttackProgress& on_progress) {
  return run_nes(NesKnowledge::kTopClass, task, common, rng, on_progress);
}

AttackResult nes_label(const AttackTask& task, const AttackOptions& common, Rng& rng,
                       const OnAttackProgress& on_progress) {
  return run_nes(NesKnowledge::kLabel, task, common, rng, on_progress);
}

AttackResult uniform_noise(const AttackTask& task, const AttackOptions& common, Rng& rng,
                           const OnAttackProgress& on_progress) {
  return run_noise(NoiseKind::kUniform, task, common, rng, on_progress);
}

AttackResult gaussian_noise(const AttackTask& task, const AttackOptions& common, Rng& rng,
                            const OnAttackProgress& on_progress) {
  return run_noise(NoiseKind::kGaussian, task, common, rng, on_progress);
}

AttackResult spatial(const AttackTask& task, const AttackOptions& /*common*/, Rng& /*rng*/,
                     const OnAttackProgress& on_progress) {
  return inoculate::spatial(task, {}, on_progress);
}

AttackResult line(const AttackTask& task, const AttackOptions& common, Rng& rng,
                  const OnAttackProgress& on_progress) {
  LineOptions method;
  if (common.queries) method.tries = *common.queries - 1;  // the first look is at the image
  return inoculate::line(task, method, rng, on_progress);
}

}  // namespace inoculate::runs
