#include "attack/apgd.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>

#include "attack/gradients.h"
#include "attack/margin.h"
#include "attack/perturbation.h"
#include "attack/search.h"
#include "base/error.h"
#include "nn/loss.h"

namespace inoculate {
namespace {

constexpr float kMomentum = 0.75F;  // weight of the new direction, the paper's alpha

// The loss of one image and its gradient with respect to the logits.
float cross_entropy(float* d, const float* z, int classes, int aim, bool towards) {
  float loss = 0;
  loss_and_gradient(&loss, d, Loss::kCrossEntropy, 1, z, &aim, 1, classes);
  if (!towards) return loss;
  for (int k = 0; k < classes; ++k) d[k] = -d[k];
  return -loss;
}

// -(z_label - z_target) / (z_1st - (z_3rd + z_4th) / 2).
float targeted_dlr(float* d, const float* z, int classes, int label, int target) {
  std::array<int, 256> order;
  std::iota(order.begin(), order.begin() + classes, 0);
  std::partial_sort(order.begin(), order.begin() + 4, order.begin() + classes,
                    [&](int a, int b) { return z[a] > z[b]; });
  const float scale = z[order[0]] - 0.5F * (z[order[2]] + z[order[3]]) + 1e-12F;
  const float gap = z[label] - z[target];
  std::fill_n(d, classes, 0.0F);
  d[label] -= 1 / scale;
  d[target] += 1 / scale;
  const float slope = gap / (scale * scale);
  d[order[0]] += slope;
  d[order[2]] -= 0.5F * slope;
  d[order[3]] -= 0.5F * slope;
  return -gap / scale;
}

// One run's state, of every image of the task by its number.
struct Run {
  Matrix x, previous, gradient, best, best_gradient;
  std::vector<float> loss, best_loss, best_loss_at_check, step;
  std::vector<int> rises;  // since the last check
  std::vector<char> halved_at_check;

  Run(int n, int size, float epsilon)
      : x(n, size), previous(n, size), gradient(n, size), best(n, size), best_gradient(n, size) {
    const auto count = static_cast<std::size_t>(n);
    for (auto* values : {&loss, &best_loss, &best_loss_at_check}) {
      values->assign(count, -std::numeric_limits<float>::infinity());
    }
    step.assign(count, 2 * epsilon);
    rises.assign(count, 0);
    halved_at_check.assign(count, 1);
  }
};

class Apgd {
 public:
  Apgd(Search& search, const ApgdOptions& options, const OnAttackProgress& on_progress, int runs)
      : search_(search),
        task_(search.task),
        options_(options),
        on_progress_(on_progress),
        total_(runs * options.steps) {}

  // One run from random starts; `targets` [N] are for the targeted loss. True when cancelled.
  bool run(Rng& rng, const Labels& targets) {
    const int size = task_.input_size();
    Run state(task_.size(), size, task_.threat.epsilon);
    std::vector<Rng> generators = image_generators(task_, rng);
    for (const int i : search_.open) {
      start(state.x.row(i).data(), task_.images.row(i).data(),
            generators[static_cast<std::size_t>(i)]);
    }
    state.previous = state.x;
    look(state, targets);
    std::fill(state.rises.begin(), state.rises.end(), 0);
    int window = std::max(22 * options_.steps / 100, 1), since = 0;
    bool cancelled = false;
    for (int k = 0; k < options_.steps && !search_.open.empty() && !cancelled; ++k) {
      for_each_row(static_cast<int>(search_.open.size()), [&](int row) {
        move(state, search_.open[static_cast<std::size_t>(row)], k == 0 ? 1.0F : kMomentum);
      });
      look(state, targets);
      if (++since == window) {
        for (const int i : search_.open) check(state, i, window);
        since = 0;
        window = std::max(window - std::max(3 * options_.steps / 100, 1),
                          std::max(6 * options_.steps / 100, 1));
      }
      cancelled = search_.cancelled_at(on_progress_, ++done_, total_);
    }
    search_.give_up(rows_of(state.best, search_.open));
    return cancelled;
  }

 private:
  // A point at the surface of the ball in a random direction.
  void start(float* x, const float* image, Rng& rng) const {
    const int size = task_.input_size();
    std::vector<float> direction(static_cast<std::size_t>(size));
    const bool linf = task_.threat.norm == Norm::kLinf;
    double length = 0;
    for (float& d : direction) {
      d = static_cast<float>(linf ? 2 * rng.uniform() - 1 : rng.normal());
      const double m = std::abs(d);
      length = linf ? std::max(length, m) : length + m * m;
    }
    if (!linf) length = std::sqrt(length);
    const auto scale = static_cast<float>(task_.threat.epsilon / std::max(length, 1e-12));
    for (int j = 0; j < size; ++j) {
      x[j] = image[j] + scale * direction[static_cast<std::size_t>(j)];
    }
    clip(x, size, task_.threat.range);
  }

  // The loss of one image, which is climbed. A ratio of logits says nothing of probabilities: where
  // a confidence is asked for, both losses climb the probability of the class that is aimed at.
  float loss_of(float* d, const float* z, std::size_t image, const Labels& targets) const {
    const int classes = task_.classes();
    const Criterion criterion = task_.criterion_of(static_cast<int>(image));
    const int label = task_.labels[image];
    const bool ratio = options_.loss == ApgdLoss::kTargetedDlr, sure = criterion.confidence > 0;
    if (ratio && !sure) return targeted_dlr(d, z, classes, label, targets[image]);
    if (ratio) return cross_entropy(d, z, classes, targets[image], true);
    if (!criterion.target && !sure) return cross_entropy(d, z, classes, label, false);
    const int goal = goal_of(criterion, z, classes, label);
    return cross_entropy(d, z, classes, goal, true);
  }

  // Loss and gradient at x of the open images; closes those it fools, keeps what is best.
  void look(Run& state, const Labels& targets) {
    const int classes = task_.classes();
    const std::vector<int> open = search_.open;
    const Matrix x = rows_of(state.x, open);
    std::vector<float> losses(open.size());
    Matrix gradients, logits;
    objective_gradients(gradients, &logits, search_.task.model, x,
                        [&](float* d, const float* z, int begin, int n) {
                          for (int row = 0; row < n; ++row, d += classes, z += classes) {
                            const auto r = static_cast<std::size_t>(begin + row);
                            const auto i = static_cast<std::size_t>(open[r]);
                            losses[r] = loss_of(d, z, i, targets);
                          }
                        });
    search_.count({0, 1});
    for (std::size_t row = 0; row < open.size(); ++row) {
      const auto i = static_cast<std::size_t>(open[row]);
      const auto image = static_cast<Eigen::Index>(i), r = static_cast<Eigen::Index>(row);
      state.rises[i] += losses[row] > state.loss[i];
      state.loss[i] = losses[row];
      state.gradient.row(image) = gradients.row(r);
      if (losses[row] > state.best_loss[i]) {
        state.best_loss[i] = losses[row];
        state.best.row(image) = x.row(r);
        state.best_gradient.row(image) = gradients.row(r);
      }
    }
    search_.close_fooled(x, logits);
  }

  // One step with momentum from x, which becomes `previous`.
  void move(Run& state, int image, float weight) const {
    const int size = task_.input_size();
    float* x = state.x.row(image).data();
    float* previous = state.previous.row(image).data();
    const float* origin = task_.images.row(image).data();
    std::vector<float> next(static_cast<std::size_t>(size));
    step_along(next.data(), x, state.gradient.row(image).data(), size, task_.threat.norm,
               state.step[static_cast<std::size_t>(image)]);
    project(next.data(), origin, size, task_.threat);
    for (int j = 0; j < size; ++j) {
      const float here = x[j];
      x[j] = here + weight * (next[static_cast<std::size_t>(j)] - here) +
             (1 - weight) * (here - previous[j]);
      previous[j] = here;
    }
    project(x, origin, size, task_.threat);
  }

  // Halves the step of an image whose loss rose too seldom, or not at all with an unhalved step,
  // and goes back to its best point.
  void check(Run& state, int image, int window) const {
    const auto i = static_cast<std::size_t>(image);
    const bool seldom =
        static_cast<float>(state.rises[i]) <= options_.oscillation * static_cast<float>(window);
    const bool stuck =
        state.halved_at_check[i] == 0 && state.best_loss_at_check[i] >= state.best_loss[i];
    state.halved_at_check[i] = seldom || stuck;
    state.best_loss_at_check[i] = state.best_loss[i];
    state.rises[i] = 0;
    if (!seldom && !stuck) return;
    state.step[i] /= 2;
    state.x.row(image) = state.best.row(image);
    state.gradient.row(image) = state.best_gradient.row(image);
  }

  Search& search_;
  const AttackTask& task_;
  const ApgdOptions& options_;
  const OnAttackProgress& on_progress_;
  int total_;
  int done_ = 0;
};

// For each image its wrong classes by falling logit.
std::vector<Labels> wrong_classes(const Matrix& logits, const Labels& labels) {
  std::vector<Labels> all;
  for (Eigen::Index i = 0; i < logits.rows(); ++i) {
    Labels order(static_cast<std::size_t>(logits.cols()));
    std::iota(order.begin(), order.end(), 0);
    std::erase(order, labels[static_cast<std::size_t>(i)]);
    std::stable_sort(order.begin(), order.end(),
                     [&](int a, int b) { return logits(i, a) > logits(i, b); });
    all.push_back(order);
  }
  return all;
}

}  // namespace

AttackResult apgd(const AttackTask& task, const ApgdOptions& options, Rng& rng,
                  const OnAttackProgress& on_progress) {
  assert(std::isfinite(task.threat.epsilon) && options.steps >= 1 && options.restarts >= 1);
  if (options.loss == ApgdLoss::kTargetedDlr && task.classes() < 4) {
    throw Error("targeted APGD compares four logits, and the network has only " +
                std::to_string(task.classes()) + " classes; leave it out");
  }
  Search search(task);
  const std::vector<Labels> wrong = wrong_classes(search.look(task.images), task.labels);
  const bool in_turn = options.loss == ApgdLoss::kTargetedDlr && !task.targeted();
  const int turns = in_turn ? std::min(options.target_classes, task.classes() - 1) : 1;
  Apgd attack(search, options, on_progress, turns * options.restarts);
  bool cancelled = false;
  for (int turn = 0; turn < turns; ++turn) {
    Labels targets(task.labels.size());
    for (std::size_t i = 0; i < targets.size(); ++i) {
      targets[i] = in_turn ? wrong[i][static_cast<std::size_t>(turn)]
                           : task.criterion_of(static_cast<int>(i)).target.value_or(0);
    }
    for (int start = 0; start < options.restarts && !search.open.empty() && !cancelled; ++start) {
      cancelled = attack.run(rng, targets);
    }
  }
  return search.result(cancelled);
}

namespace {

// One of the two as the registry runs it.
template <ApgdLoss kLoss>
AttackResult run(const AttackTask& task, const AttackOptions& common, Rng& rng,
                 const OnAttackProgress& on_progress) {
  ApgdOptions method;
  method.loss = kLoss;
  method.steps = common.steps.value_or(method.steps);
  method.restarts = common.restarts.value_or(method.restarts);
  return apgd(task, method, rng, on_progress);
}

}  // namespace

AttackMethod apgd_cross_entropy_method() {
  return {"apgd-ce",
          "PGD that sets its own step size, on the cross-entropy",
          "Croce & Hein 2020",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kWithinBits | kStepsBit | kRestartsBit,
          run<ApgdLoss::kCrossEntropy>};
}

AttackMethod apgd_targeted_method() {
  return {"apgd-t",
          "the same on the ratio of logits, to each wrong class in turn",
          "Croce & Hein 2020",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kWithinBits | kStepsBit | kRestartsBit,
          run<ApgdLoss::kTargetedDlr>};
}

}  // namespace inoculate
