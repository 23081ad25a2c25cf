#include "attack/attack.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "attack/perturbation.h"
#include "nn/softmax.h"

namespace inoculate {
namespace {

int number_of(const AttackTask& task, int row) {
  return task.numbers.empty() ? row : task.numbers[static_cast<std::size_t>(row)];
}

}  // namespace

bool meets(const Criterion& criterion, const float* logits, int classes, int label) {
  const auto best = std::max_element(logits, logits + classes) - logits;
  const bool wanted = criterion.target ? best == *criterion.target : best != label;
  if (!wanted || criterion.confidence <= 0) return wanted;
  std::vector<float> p(static_cast<std::size_t>(classes));
  softmax(p.data(), logits, 1, classes);
  return p[static_cast<std::size_t>(best)] >= criterion.confidence;
}

int AttackResult::successes() const { return std::accumulate(success.begin(), success.end(), 0); }

AttackResult judge_adversaries(const AttackTask& task, Matrix adversaries,
                               std::vector<AttackCalls> calls) {
  AttackResult result;
  const Matrix logits = task.model.logits(adversaries);
  const auto n = static_cast<std::size_t>(task.size());
  result.success.resize(n);
  result.distances.resize(n);
  for (int i = 0; i < task.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    result.success[at] =
        meets(task.criterion_of(i), logits.row(i).data(), task.classes(), task.labels[at]);
    result.distances[at] = distance(adversaries.row(i).data(), task.images.row(i).data(),
                                    task.input_size(), task.threat.norm);
  }
  result.adversaries = std::move(adversaries);
  result.calls = std::move(calls);
  return result;
}

void take_successes(AttackResult& result, const AttackResult& part, const std::vector<int>& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<std::size_t>(rows[i]);
    result.calls[row].forward += part.calls[i].forward;
    result.calls[row].gradient += part.calls[i].gradient;
    if (part.success[i] == 0) continue;
    result.adversaries.row(rows[i]) = part.adversaries.row(static_cast<Eigen::Index>(i));
    result.success[row] = 1;
    result.distances[row] = part.distances[i];
  }
}

std::vector<Rng> image_generators(const AttackTask& task, Rng& rng) {
  const std::uint64_t seed = rng.next();
  std::vector<Rng> generators;
  generators.reserve(static_cast<std::size_t>(task.size()));
  for (int i = 0; i < task.size(); ++i) {
    generators.emplace_back(seed, static_cast<std::uint64_t>(number_of(task, i)) + 1);
  }
  return generators;
}

TaskPart::TaskPart(const AttackTask& whole, const std::vector<int>& rows)
    : images(rows_of(whole.images, rows)),
      labels(labels_of(whole.labels, rows)),
      task{whole.model, images, labels, whole.threat, whole.criterion} {
  for (const int row : rows) {
    numbers.push_back(number_of(whole, row));
    if (!whole.targets.empty()) targets.push_back(whole.targets[static_cast<std::size_t>(row)]);
  }
  task.numbers = numbers;
  task.targets = targets;
}

Matrix rows_of(ConstMatrixRef matrix, const std::vector<int>& rows) {
  Matrix result(static_cast<Eigen::Index>(rows.size()), matrix.cols());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    result.row(static_cast<Eigen::Index>(i)) = matrix.row(rows[i]);
  }
  return result;
}

Labels labels_of(const Labels& labels, const std::vector<int>& rows) {
  Labels result(rows.size());
  std::transform(rows.begin(), rows.end(), result.begin(),
                 [&](int row) { return labels[static_cast<std::size_t>(row)]; });
  return result;
}

}  // namespace inoculate
