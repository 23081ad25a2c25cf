#include "attack/nes.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <vector>

#include "attack/margin.h"
#include "attack/perturbation.h"
#include "nn/softmax.h"

namespace inoculate {
namespace {

// Called with the queries spent on an image; false cancels the attack.
using OnQueries = std::function<bool(int)>;

// One image under attack.
struct Victim {
  const AttackTask& task;
  const NesOptions& options;
  int index;
  Rng rng;
  const OnQueries& on_queries;
  int queries = 0;
  bool cancelled = false;

  const float* image() const { return task.images.row(index).data(); }
  int size() const { return task.input_size(); }
  int label() const { return task.labels[static_cast<std::size_t>(index)]; }
  int left() const { return cancelled ? 0 : options.queries - queries; }

  Matrix ask(const Matrix& x) {
    queries += static_cast<int>(x.rows());
    cancelled = cancelled || !on_queries(queries);
    return task.model.logits(x);
  }
  bool is_success(const Matrix& x) {
    const Matrix logits = ask(x);
    return meets(task.criterion_of(index), logits.data(), task.classes(), label());
  }
};

// What is to be raised, at each row of x.
using Scores = std::function<std::vector<float>(const Matrix& x)>;

// The gradient of the scores at x [1, input], by differences over antithetic normal draws.
Matrix guessed_gradient(Victim& v, const Matrix& x, const Scores& scores) {
  const Eigen::Index pairs = v.options.samples / 2;
  Matrix draws(pairs, v.size());
  for (Eigen::Index i = 0; i < draws.size(); ++i) {
    draws.data()[i] = static_cast<float>(v.rng.normal());
  }
  Matrix around(2 * pairs, v.size());
  around.topRows(pairs) = (v.options.sigma * draws).rowwise() + x.row(0);
  around.bottomRows(pairs) = (-v.options.sigma * draws).rowwise() + x.row(0);
  const std::vector<float> s = scores(around);
  Matrix gradient = Matrix::Zero(1, v.size());
  for (Eigen::Index k = 0; k < pairs; ++k) {
    const float slope = s[static_cast<std::size_t>(k)] - s[static_cast<std::size_t>(k + pairs)];
    gradient.row(0) += slope * draws.row(k);
  }
  return gradient;
}

void remember(Matrix& direction, const Matrix& gradient, float momentum) {
  if (direction.size() == 0) {
    direction = gradient;
  } else {
    direction = momentum * direction + (1 - momentum) * gradient;
  }
}

// PGD along guessed gradients. Returns the adversary, or the last point.
Matrix with_probabilities(Victim& v) {
  const ThreatModel& threat = v.task.threat;
  Matrix x = v.task.images.row(v.index), direction;
  const Scores scores = [&](const Matrix& at) {
    const Matrix logits = v.ask(at);
    std::vector<float> result;
    for (Eigen::Index i = 0; i < at.rows(); ++i) {
      result.push_back(
          -margin(v.task.criterion_of(v.index), logits.row(i).data(), v.task.classes(), v.label()));
    }
    return result;
  };
  while (v.left() > 0 && !v.is_success(x) && v.left() > v.options.samples) {
    remember(direction, guessed_gradient(v, x, scores), v.options.momentum);
    step_along(x.data(), x.data(), direction.data(), v.size(), threat.norm,
               v.options.step_size * threat.epsilon);
    project(x.data(), v.image(), v.size(), threat);
  }
  return x;
}

// The nearest other image of the task that the network reads as wanted; its row, or -1.
int nearest_start(const Victim& v, const Matrix& logits) {
  int best = -1;
  float least = HUGE_VALF;
  for (int i = 0; i < v.task.size(); ++i) {
    if (!meets(v.task.criterion_of(v.index), logits.row(i).data(), v.task.classes(), v.label())) {
      continue;
    }
    const float away =
        distance(v.task.images.row(i).data(), v.image(), v.size(), v.task.threat.norm);
    if (away >= least) continue;
    least = away;
    best = i;
  }
  return best;
}

// How sure the network is of class `wanted` at each row, as far as it tells.
std::vector<float> partial_scores(Victim& v, const Matrix& at, int wanted) {
  const int classes = v.task.classes();
  const bool label_only = v.options.knowledge == NesKnowledge::kLabel;
  const int draws = label_only ? v.options.label_samples : 1;
  Matrix x(at.rows() * draws, at.cols());
  for (Eigen::Index i = 0; i < at.rows(); ++i) {
    for (Eigen::Index k = 0; k < draws; ++k) {
      auto row = x.row(i * draws + k);
      row = at.row(i);
      for (Eigen::Index j = 0; label_only && j < row.size(); ++j) {
        row(j) += v.options.label_spread * static_cast<float>(2 * v.rng.uniform() - 1);
      }
    }
  }
  Matrix p = v.ask(x);
  const Labels read = most_likely(p);
  softmax(p.data(), p.data(), static_cast<int>(p.rows()), classes);
  std::vector<float> scores(static_cast<std::size_t>(at.rows()), 0.0F);
  for (std::size_t row = 0; row < read.size(); ++row) {
    // Of another class than the likeliest nothing is known.
    if (read[row] != wanted) continue;
    scores[row / static_cast<std::size_t>(draws)] +=
        label_only ? 1.0F : p(static_cast<Eigen::Index>(row), wanted);
  }
  return scores;
}

// From an image of a wanted class towards the victim. Returns where it came to.
Matrix with_partial_information(Victim& v, const Matrix& start, int wanted) {
  const ThreatModel& goal = v.task.threat;
  ThreatModel ball = goal;  // shrinks from the start's distance to epsilon
  Matrix x = start, direction;
  ball.epsilon = distance(x.data(), v.image(), v.size(), goal.norm);
  float shrink = ball.epsilon / 4;
  const Scores scores = [&](const Matrix& at) { return partial_scores(v, at, wanted); };
  const int cost = v.options.samples *
                   (v.options.knowledge == NesKnowledge::kLabel ? v.options.label_samples : 1);
  while (ball.epsilon > goal.epsilon && v.left() > cost) {
    remember(direction, guessed_gradient(v, x, scores), v.options.momentum);
    bool moved = false;
    // A smaller ball if the class survives it, else the same step within the old ball.
    for (float factor = 1; factor > 0.1F && !moved && v.left() > 1; factor /= 2) {
      ThreatModel smaller = ball;
      smaller.epsilon = std::max(ball.epsilon - factor * shrink, goal.epsilon);
      Matrix next = x;
      step_along(next.data(), x.data(), direction.data(), v.size(), goal.norm,
                 factor * v.options.step_size * ball.epsilon);
      project(next.data(), v.image(), v.size(), smaller);
      if (!v.is_success(next)) continue;
      x = next;
      ball = smaller;
      moved = true;
    }
    shrink = moved ? std::min(1.5F * shrink, ball.epsilon / 4) : shrink / 2;
    if (moved || v.left() <= 1) continue;
    Matrix next = x;
    step_along(next.data(), x.data(), direction.data(), v.size(), goal.norm,
               0.25F * v.options.step_size * ball.epsilon);
    project(next.data(), v.image(), v.size(), ball);
    if (v.is_success(next)) x = next;
  }
  return x;
}

}  // namespace

AttackResult nes(const AttackTask& task, const NesOptions& options, Rng& rng,
                 const OnAttackProgress& on_progress) {
  assert(std::isfinite(task.threat.epsilon) && options.samples >= 2);
  const std::vector<Rng> generators = image_generators(task, rng);
  const Matrix logits = task.model.logits(task.images);
  const Labels read = most_likely(logits);
  Matrix adversaries = task.images;
  std::vector<AttackCalls> calls(task.labels.size());
  int fooled = 0, without_start = 0;
  bool cancelled = false;
  // The last query of an image counts when all is known of it.
  const auto may_go_on = [&](int images_done, int queries) {
    const std::int64_t each = options.queries;
    return !on_progress ||
           on_progress({images_done * each + std::min<std::int64_t>(queries, each - 1),
                        task.size() * each, fooled, task.size()});
  };
  for (int i = 0; i < task.size() && !cancelled; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const OnQueries on_queries = [&](int queries) { return may_go_on(i, queries); };
    Victim v{task, options, i, generators[at], on_queries};
    v.queries = 1;  // the look at the image itself
    const int classes = task.classes();
    if (!meets(task.criterion_of(i), logits.row(i).data(), classes, task.labels[at])) {
      if (options.knowledge == NesKnowledge::kProbabilities) {
        adversaries.row(i) = with_probabilities(v);
      } else if (const int start = nearest_start(v, logits); start < 0) {
        ++without_start;
      } else {
        adversaries.row(i) = with_partial_information(v, task.images.row(start),
                                                      read[static_cast<std::size_t>(start)]);
        float* x = adversaries.row(i).data();
        if (distance(x, v.image(), v.size(), task.threat.norm) > task.threat.epsilon) {
          project(x, v.image(), v.size(), task.threat);
        }
      }
    }
    calls[at].forward = v.queries;
    const Matrix result = task.model.logits(adversaries.row(i));
    fooled += meets(task.criterion_of(i), result.data(), classes, task.labels[at]);
    cancelled = v.cancelled || !may_go_on(i + 1, 0);
  }
  AttackResult result = judge_adversaries(task, std::move(adversaries), std::move(calls));
  result.cancelled = cancelled;
  result.without_start = without_start;
  return result;
}

namespace {

// One of the three as the registry runs it.
template <NesKnowledge kKnowledge>
AttackResult run(const AttackTask& task, const AttackOptions& common, Rng& rng,
                 const OnAttackProgress& on_progress) {
  NesOptions method;
  method.knowledge = kKnowledge;
  method.queries = common.queries.value_or(method.queries);
  method.step_size = relative_step(common, task, method.step_size);
  return nes(task, method, rng, on_progress);
}

}  // namespace

AttackMethod nes_method() {
  return {"nes",
          "a gradient guessed from queries",
          "Ilyas et al. 2018",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kProbabilities,
          kQueriedBits | kStepSizeBit,
          run<NesKnowledge::kProbabilities>};
}

AttackMethod nes_top_class_method() {
  return {"nes-top",
          "from an image of another class, seeing the likeliest class's probability",
          "Ilyas et al. 2018",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kTopProbability,
          kQueriedBits | kStepSizeBit | kTogetherBit,
          run<NesKnowledge::kTopClass>};
}

AttackMethod nes_label_method() {
  return {"nes-label",
          "the same, seeing the likeliest class only",
          "Ilyas et al. 2018",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kLabels,
          kEpsilonBit | kTargetBit | kQueriesBit | kStepSizeBit | kTogetherBit,
          run<NesKnowledge::kLabel>};
}

}  // namespace inoculate
