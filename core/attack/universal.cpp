#include "attack/universal.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

#include "attack/gradients.h"
#include "attack/perturbation.h"
#include "nn/loss.h"

namespace inoculate {
namespace {

// images + perturbation, clipped to the range.
Matrix perturbed(const Matrix& images, const Matrix& perturbation, const ThreatModel& threat) {
  Matrix x = images.rowwise() + perturbation.row(0);
  for_each_row(static_cast<int>(x.rows()),
               [&](int i) { clip(x.row(i).data(), static_cast<int>(x.cols()), threat.range); });
  return x;
}

}  // namespace

AttackResult universal(const AttackTask& task, const UniversalOptions& options, Rng& rng,
                       const OnAttackProgress& on_progress) {
  assert(std::isfinite(task.threat.epsilon) && task.targets.empty());
  const int n = task.size(), size = task.input_size(), classes = task.classes();
  const auto& target = task.criterion.target;
  const float length = task.threat.epsilon * (target ? -options.step_size : options.step_size);
  ThreatModel ball = task.threat;
  ball.range.reset();
  const Matrix zero = Matrix::Zero(1, size);
  Matrix perturbation = zero;
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::vector<AttackCalls> calls(order.size());
  bool cancelled = false;
  for (int step = 0; step < options.steps && n > 0 && !cancelled; ++step) {
    rng.shuffle(order);
    const std::vector<int> batch(order.begin(), order.begin() + std::min(n, options.batch_size));
    const Labels labels = labels_of(task.labels, batch);
    const Labels aims = target ? Labels(batch.size(), *target) : labels;
    Matrix gradients;
    objective_gradients(gradients, nullptr, task.model,
                        perturbed(rows_of(task.images, batch), perturbation, task.threat),
                        [&](float* d, const float* z, int begin, int count) {
                          std::vector<float> losses(static_cast<std::size_t>(count));
                          loss_and_gradient(losses.data(), d, Loss::kCrossEntropy, 1, z,
                                            aims.data() + begin, count, classes);
                          for (int row = 0; row < count; ++row) {
                            const bool bounded =
                                losses[static_cast<std::size_t>(row)] > options.loss_bound;
                            if (bounded && !target) std::fill_n(d + row * classes, classes, 0.0F);
                          }
                        });
    for (const int i : batch) ++calls[static_cast<std::size_t>(i)].gradient;
    const Matrix mean = gradients.colwise().sum();
    float* p = perturbation.data();
    step_along(p, p, mean.data(), size, task.threat.norm, length);
    project(p, zero.data(), size, ball);
    cancelled = on_progress && !on_progress({step + 1, options.steps, 0, n});
  }
  AttackResult result =
      judge_adversaries(task, perturbed(task.images, perturbation, task.threat), std::move(calls));
  result.cancelled = cancelled;
  return result;
}

AttackMethod universal_method() {
  return {"universal",
          "one perturbation for all images",
          "Moosavi-Dezfooli et al. 2017",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kEpsilonBit | kTargetBit | kConfidenceFilterBit | kStepsBit | kStepSizeBit |
              kTogetherBit | kOneForAllBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& rng,
             const OnAttackProgress& on_progress) {
            UniversalOptions method;
            method.steps = common.steps.value_or(method.steps);
            method.step_size = relative_step(common, task, method.step_size);
            return universal(task, method, rng, on_progress);
          }};
}

}  // namespace inoculate
