#include "attack/decisions.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "attack/perturbation.h"

namespace inoculate {
namespace {

constexpr int kDraws = 20;   // of noise
constexpr int kBlends = 50;  // between image and start

// Uniform noise that meets the criterion, if some of the draws does.
std::optional<Matrix> noise_start(Decisions& decisions, const AttackTask& task, Rng& rng) {
  const auto [low, high] = task.threat.range.value_or(ValueRange{});
  // Half of a small budget is kept for the way back.
  const int draws = std::min(kDraws, (decisions.left() + 1) / 2);
  for (int draw = 0; draw < draws; ++draw) {
    Matrix x(1, task.input_size());
    for (Eigen::Index j = 0; j < x.size(); ++j) {
      x(0, j) = low + (high - low) * static_cast<float>(rng.uniform());
    }
    if (decisions.is_success(x)) return x;
  }
  return std::nullopt;
}

// The nearest other image of the task that is read as wanted.
std::optional<Matrix> image_start(const Decisions& decisions, const AttackTask& task,
                                  const Matrix& logits) {
  const int image = decisions.image();
  const int label = task.labels[static_cast<std::size_t>(image)];
  int best = -1;
  float least = HUGE_VALF;
  for (int i = 0; i < task.size(); ++i) {
    if (!meets(task.criterion_of(image), logits.row(i).data(), task.classes(), label)) continue;
    const float away = distance(task.images.row(i).data(), task.images.row(image).data(),
                                task.input_size(), task.threat.norm);
    if (away >= least) continue;
    least = away;
    best = i;
  }
  if (best < 0) return std::nullopt;
  return task.images.row(best);
}

}  // namespace

std::vector<char> Decisions::ask(const Matrix& x) {
  assert(x.rows() <= left());
  asked_ += static_cast<int>(x.rows());
  const Matrix logits = task_.model.logits(x);
  const Criterion criterion = task_.criterion_of(image_);
  std::vector<char> met(static_cast<std::size_t>(x.rows()));
  for (std::size_t i = 0; i < met.size(); ++i) {
    met[i] = meets(criterion, logits.row(static_cast<Eigen::Index>(i)).data(), task_.classes(),
                   task_.labels[static_cast<std::size_t>(image_)]);
  }
  return met;
}

std::optional<Matrix> starting_point(Decisions& decisions, const AttackTask& task,
                                     const Matrix& logits, Rng& rng) {
  std::optional<Matrix> start;
  if (!task.targeted()) start = noise_start(decisions, task, rng);
  if (!start) start = image_start(decisions, task, logits);
  if (!start) return std::nullopt;
  const auto image = task.images.row(decisions.image());
  for (int step = 1; step < kBlends && decisions.left() > 0; ++step) {
    const float part = static_cast<float>(step) / kBlends;
    const Matrix x = (1 - part) * image + part * *start;
    if (decisions.is_success(x)) return x;
  }
  return start;
}

}  // namespace inoculate
