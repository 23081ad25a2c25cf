#include "attack/by_parts.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "attack/fitting.h"
#include "attack/gradients.h"
#include "attack/perturbation.h"
#include "base/error.h"
#include "model/ensemble.h"
#include "nn/loss.h"

namespace inoculate {
namespace {

// The class whose probability is to fall, or with a target to rise.
int class_of(const AttackTask& task, int image) {
  return task.criterion.target.value_or(task.labels[static_cast<std::size_t>(image)]);
}

// log of each image's probability of `labels` by the model.
Eigen::ArrayXd log_probabilities(const Matrix& logits, const Labels& labels) {
  Eigen::ArrayXd result(logits.rows());
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    const Eigen::ArrayXd row = logits.row(i).cast<double>().transpose().array();
    const double largest = row.maxCoeff();
    result[i] =
        row[labels[static_cast<std::size_t>(i)]] - largest - std::log((row - largest).exp().sum());
  }
  return result;
}

// One step along the gradient of the parts' mean probability, whose logarithm's gradient is that of
// the parts' own logarithms, weighted by their shares in the mean. None where no part has one.
std::optional<Matrix> mixture_step(const AttackTask& task, const EnsembleClassifier& ensemble) {
  Labels labels(static_cast<std::size_t>(task.size()));
  for (int i = 0; i < task.size(); ++i) labels[static_cast<std::size_t>(i)] = class_of(task, i);
  std::vector<Matrix> gradients;
  std::vector<Eigen::ArrayXd> logs;
  Eigen::ArrayXd largest = Eigen::ArrayXd::Constant(task.size(), -HUGE_VAL);
  for (const auto& part : ensemble.parts()) {
    if (part->spec().gives != Knowledge::kGradients) continue;
    Matrix logits;
    objective_gradients(gradients.emplace_back(), &logits, *part, task.images,
                        loss_objective(Loss::kCrossEntropy, labels, task.classes()));
    logs.push_back(log_probabilities(logits, labels));
    largest = largest.max(logs.back());
  }
  if (gradients.empty()) return std::nullopt;
  const float length = task.criterion.target ? -task.threat.epsilon : task.threat.epsilon;
  Matrix adversaries = Matrix::Zero(task.size(), task.input_size());
  for (std::size_t part = 0; part < gradients.size(); ++part) {
    for (Eigen::Index i = 0; i < adversaries.rows(); ++i) {
      const double weight = std::exp(logs[part][i] - largest[i]);
      adversaries.row(i) += static_cast<float>(weight) * gradients[part].row(i);
    }
  }
  for_each_row(task.size(), [&](int i) {
    float* row = adversaries.row(i).data();
    step_along(row, task.images.row(i).data(), row, task.input_size(), task.threat.norm, length);
    clip(row, task.input_size(), task.threat.range);
  });
  return adversaries;
}

}  // namespace

AttackResult by_parts(const AttackTask& task, const AttackOptions& options, Rng& rng,
                      const OnAttackProgress& on_progress) {
  const auto* ensemble = dynamic_cast<const EnsembleClassifier*>(&task.model);
  if (ensemble == nullptr) throw Error(task.model.spec().name + ": its parts cannot be seen");
  std::vector<AttackCalls> calls(static_cast<std::size_t>(task.size()));
  std::optional<AttackResult> best;
  const auto offer = [&](Matrix adversaries) {
    AttackResult made = judge_adversaries(task, std::move(adversaries), {});
    if (!best) {
      best = std::move(made);
      return;
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (best->success[i] != 0 || made.success[i] == 0) continue;
      best->adversaries.row(static_cast<Eigen::Index>(i)) =
          made.adversaries.row(static_cast<Eigen::Index>(i));
      best->success[i] = 1;
      best->distances[i] = made.distances[i];
    }
  };
  if (auto step = mixture_step(task, *ensemble)) {
    for (AttackCalls& one : calls) ++one.gradient;
    offer(std::move(*step));
  }
  bool cancelled = false;
  for (const auto& part : ensemble->parts()) {
    if (cancelled || part->spec().gives == Knowledge::kGradients) continue;
    const AttackMethod& method = fitting_attack(part->spec());
    if (std::find(method.norms.begin(), method.norms.end(), task.threat.norm) ==
        method.norms.end()) {
      continue;
    }
    AttackResult made =
        method.run({*part, task.images, task.labels, task.threat, task.criterion, task.numbers},
                   options, rng, on_progress);
    cancelled = made.cancelled;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      calls[i].forward += made.calls[i].forward;
      calls[i].gradient += made.calls[i].gradient;
    }
    offer(std::move(made.adversaries));
  }
  if (!best) offer(task.images);
  best->calls = std::move(calls);
  best->cancelled = cancelled;
  return std::move(*best);
}

AttackMethod by_parts_method() {
  return {"by-parts",
          "the mixture of an ensemble's parts, and each of them",
          "Papernot et al. 2016",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kProbabilities,
          kEpsilonBit | kTargetBit | kConfidenceFilterBit,
          by_parts,
          ModelKind::kEnsemble};
}

}  // namespace inoculate
