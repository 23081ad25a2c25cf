#include "attack/pgd.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <utility>

#include "attack/gradients.h"
#include "attack/perturbation.h"

namespace inoculate {
namespace {

// Called after each step with the number of steps done; false stops.
using OnStep = std::function<bool(int)>;

// The last iterate of one start, and how many steps it took.
std::pair<Matrix, int> ascend(const AttackTask& task, const PgdOptions& options,
                              std::vector<Rng>& generators, const OnStep& on_step) {
  const int n = task.size(), size = task.input_size();
  const float longest = task.threat.epsilon * options.step_size;
  Matrix x = task.images;
  if (options.random_start) {
    for_each_row(n, [&](int i) {
      random_start(x.row(i).data(), task.images.row(i).data(), size, task.threat,
                   generators[static_cast<std::size_t>(i)]);
    });
  }
  const LogitGradient objective = criterion_objective(options.loss, task);
  Matrix gradients, direction;
  if (options.momentum > 0) direction = Matrix::Zero(n, size);
  int step = 0;
  while (step < options.steps) {
    const float done = static_cast<float>(step) / static_cast<float>(options.steps);
    const float length = longest * (1 - (1 - options.shrink_to) * done);
    objective_gradients(gradients, nullptr, task.model, x, objective);
    for_each_row(n, [&](int i) {
      float* row = x.row(i).data();
      if (options.smooth) smooth(gradients.row(i).data(), task.model.spec().input);
      const float* ascent = gradients.row(i).data();
      if (options.momentum > 0) {
        const float sum = gradients.row(i).cwiseAbs().sum();
        direction.row(i) *= options.momentum;
        if (sum > 0) direction.row(i) += gradients.row(i) / sum;
        ascent = direction.row(i).data();
      }
      step_along(row, row, ascent, size, task.threat.norm, length);
      project(row, task.images.row(i).data(), size, task.threat);
    });
    ++step;
    if (on_step && !on_step(step)) break;
  }
  return {std::move(x), step};
}

}  // namespace

PgdOptions pgd_options(Norm norm) {
  PgdOptions options;
  if (norm == Norm::kL2) {
    options.steps = 50;
    options.step_size = 0.025F;
  }
  return options;
}

PgdOptions bim_options() {
  PgdOptions options;
  options.steps = 10;
  options.step_size = 0.2F;
  options.random_start = false;
  return options;
}

PgdOptions momentum_options() {
  PgdOptions options = bim_options();
  options.momentum = 1;
  return options;
}

PgdOptions smooth_pgd_options() {
  PgdOptions options;
  options.loss = std::nullopt;
  options.steps = 50;
  options.step_size = 1.0F / 3;
  options.shrink_to = 0.05F;
  options.momentum = 0.75F;
  options.restarts = 20;
  options.smooth = true;
  return options;
}

PgdOptions random_start_fgsm_options() {
  PgdOptions options;
  options.steps = 1;
  options.step_size = 1.25F;
  return options;
}

AttackResult pgd(const AttackTask& task, const PgdOptions& options, Rng& rng,
                 const OnAttackProgress& on_progress) {
  assert(std::isfinite(task.threat.epsilon) && options.steps >= 1 && options.restarts >= 1);
  AttackResult result;
  result.adversaries.resize(0, task.images.cols());              // what comes of no images
  std::vector<int> open(static_cast<std::size_t>(task.size()));  // images not fooled yet
  std::iota(open.begin(), open.end(), 0);
  for (int start = 0; start < options.restarts && !open.empty() && !result.cancelled; ++start) {
    const TaskPart still_open(task, open);
    const AttackTask& part = still_open.task;
    std::vector<Rng> generators = image_generators(part, rng);
    bool cancelled = false;
    auto [x, steps] = ascend(part, options, generators, [&](int step) {
      const int fooled = task.size() - part.size();
      cancelled =
          on_progress && !on_progress({start * options.steps + step,
                                       options.restarts * options.steps, fooled, task.size()});
      return !cancelled;
    });
    // Between starts the attacker must ask which images are fooled.
    const AttackCalls cost{options.restarts > 1 ? 1 : 0, steps};
    AttackResult outcome =
        judge_adversaries(part, std::move(x), std::vector<AttackCalls>(open.size(), cost));
    if (start == 0) {
      result = std::move(outcome);
    } else {
      take_successes(result, outcome, open);
    }
    result.cancelled = cancelled;
    std::erase_if(open, [&](int i) { return result.success[static_cast<std::size_t>(i)] != 0; });
  }
  return result;
}

Matrix pgd_iterates(const AttackTask& task, const PgdOptions& options, Rng& rng) {
  std::vector<Rng> generators = image_generators(task, rng);
  return ascend(task, options, generators, nullptr).first;
}

PgdOptions with_common_options(PgdOptions method, const AttackTask& task,
                               const AttackOptions& common) {
  if (method.loss) method.loss = common.loss;
  method.steps = common.steps.value_or(method.steps);
  method.step_size = relative_step(common, task, method.step_size);
  method.random_start &= common.random_start;
  if (method.random_start) method.restarts = common.restarts.value_or(method.restarts);
  return method;
}

namespace {

// A method of the family as the registry runs it.
template <PgdOptions (*kOptions)()>
AttackResult run(const AttackTask& task, const AttackOptions& common, Rng& rng,
                 const OnAttackProgress& on_progress) {
  return pgd(task, with_common_options(kOptions(), task, common), rng, on_progress);
}

}  // namespace

AttackMethod random_start_fgsm_method() {
  return {"fgsm-rs",
          "one step of 1.25 epsilon from a random start",
          "Wong et al. 2020",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kWithinBits | kLossBit | kStepSizeBit | kRestartsBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& rng,
             const OnAttackProgress& on_progress) {
            AttackOptions one_step = common;
            one_step.steps = 1;
            one_step.random_start = true;
            return pgd(task, with_common_options(random_start_fgsm_options(), task, one_step), rng,
                       on_progress);
          }};
}

AttackMethod bim_method() {
  return {"bim",
          "steps along the gradient, kept within epsilon",
          "Kurakin et al. 2017",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kIteratedBits | kLossBit,
          run<bim_options>};
}

AttackMethod momentum_method() {
  return {"momentum",
          "the same, keeping some of the last direction",
          "Dong et al. 2018",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kIteratedBits | kLossBit,
          run<momentum_options>};
}

AttackMethod pgd_method() {
  return {"pgd",
          "the same as bim, from random starts",
          "Madry et al. 2018",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kIteratedBits | kLossBit | kRestartsBit | kRandomStartBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& rng,
             const OnAttackProgress& on_progress) {
            return pgd(task, with_common_options(pgd_options(task.threat.norm), task, common), rng,
                       on_progress);
          }};
}

AttackMethod smooth_pgd_method() {
  return {
      "pgd-smooth",           "on the margin of logits along smoothed gradients, from 20 starts",
      "Dong et al. 2019",     {Norm::kLinf, Norm::kL2},
      Knowledge::kGradients,  kIteratedBits | kRestartsBit,
      run<smooth_pgd_options>};
}

}  // namespace inoculate
