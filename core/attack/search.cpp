#include "attack/search.h"

#include <cmath>
#include <numeric>
#include <utility>

#include "attack/perturbation.h"

namespace inoculate {

Search::Search(const AttackTask& attack_task)
    : task(attack_task),
      adversaries(attack_task.images),
      calls(attack_task.labels.size()),
      open(attack_task.labels.size()) {
  std::iota(open.begin(), open.end(), 0);
}

void Search::count(const AttackCalls& cost) {
  for (const int i : open) {
    calls[static_cast<std::size_t>(i)].forward += cost.forward;
    calls[static_cast<std::size_t>(i)].gradient += cost.gradient;
  }
}

void Search::close_fooled(const Matrix& x, const Matrix& logits) {
  std::vector<int> rest;
  for (std::size_t row = 0; row < open.size(); ++row) {
    const int i = open[row];
    const auto r = static_cast<Eigen::Index>(row);
    if (meets(task.criterion_of(i), logits.row(r).data(), task.classes(),
              task.labels[static_cast<std::size_t>(i)])) {
      adversaries.row(i) = x.row(r);
    } else {
      rest.push_back(i);
    }
  }
  open = std::move(rest);
}

Matrix Search::look(const Matrix& x) {
  Matrix logits = task.model.logits(x);
  count({1, 0});
  close_fooled(x, logits);
  return logits;
}

void Search::give_up(const Matrix& x) {
  for (std::size_t row = 0; row < open.size(); ++row) {
    adversaries.row(open[row]) = x.row(static_cast<Eigen::Index>(row));
  }
}

bool Search::cancelled_at(const OnAttackProgress& on_progress, std::int64_t done,
                          std::int64_t total) const {
  const int fooled = task.size() - static_cast<int>(open.size());
  return on_progress && !on_progress({done, total, fooled, task.size()});
}

AttackResult Search::result(bool cancelled) {
  const int size = task.input_size();
  for_each_row(task.size(), [&](int i) {
    float* x = adversaries.row(i).data();
    const float* image = task.images.row(i).data();
    if (distance(x, image, size, task.threat.norm) > task.threat.epsilon) {
      project(x, image, size, task.threat);
    }
  });
  AttackResult result = judge_adversaries(task, std::move(adversaries), std::move(calls));
  result.cancelled = cancelled;
  result.without_start = without_start;
  return result;
}

}  // namespace inoculate
