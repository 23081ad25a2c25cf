#include "attack/apgd.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "attack/apgd_l1.h"
#include "attack/gradients.h"
#include "attack/margin.h"
#include "attack/perturbation.h"
#include "attack/search.h"
#include "base/error.h"

namespace inoculate {
namespace {

constexpr float kMomentum = 0.75F;  // weight of the new direction, the paper's alpha

// One stage's state, of every image of the task by its number.
struct Climb {
  Matrix x, previous, gradient, best, best_gradient;
  std::vector<float> loss, best_loss, best_loss_at_check, step;
  std::vector<int> rises;  // since the last check
  std::vector<char> halved_at_check;
  std::vector<SparseStep> sparse_steps;  // in L1, in place of `step`, `rises` and both checks

  Climb(const AttackTask& task, const ApgdStage& stage, const Matrix& from)
      : x(from), previous(from), gradient(from), best(from), best_gradient(from) {
    const auto count = static_cast<std::size_t>(task.size());
    for (auto* values : {&loss, &best_loss, &best_loss_at_check}) {
      values->assign(count, -std::numeric_limits<float>::infinity());
    }
    step.assign(count, 2 * stage.epsilon);
    rises.assign(count, 0);
    halved_at_check.assign(count, 1);
    if (task.threat.norm != Norm::kL1) return;
    for (int i = 0; i < task.size(); ++i) {
      sparse_steps.emplace_back(stage.epsilon, x.row(i).data(), task.images.row(i).data(),
                                task.input_size());
    }
  }
};

class Apgd {
 public:
  Apgd(Search& search, const ApgdOptions& options, const OnAttackProgress& on_progress, int runs)
      : search_(search),
        task_(search.task),
        options_(options),
        on_progress_(on_progress),
        total_(runs * options.steps) {
    const float epsilon = task_.threat.epsilon;
    stages_ = in_l1() ? l1_stages(epsilon, options.steps)
                      : std::vector<ApgdStage>{{epsilon, options.steps}};
  }

  // One run from random starts; `targets` [N] are for the targeted loss. True when cancelled.
  bool run(Rng& rng, const Labels& targets) {
    Matrix x = task_.images;
    std::vector<Rng> generators = image_generators(task_, rng);
    for (const int i : search_.open) {
      start(x.row(i).data(), task_.images.row(i).data(), generators[static_cast<std::size_t>(i)]);
    }
    bool cancelled = false;
    for (std::size_t k = 0; k < stages_.size() && !search_.open.empty() && !cancelled; ++k) {
      // An adversary of a larger ball is none yet.
      cancelled = climb(x, stages_[k], targets, k + 1 == stages_.size());
    }
    search_.give_up(rows_of(x, search_.open));
    return cancelled;
  }

 private:
  bool in_l1() const { return task_.threat.norm == Norm::kL1; }

  ThreatModel threat_of(const ApgdStage& stage) const {
    ThreatModel threat = task_.threat;
    threat.epsilon = stage.epsilon;
    return threat;
  }

  // Climbs from x [N, input], which becomes the points of highest loss. True when cancelled.
  bool climb(Matrix& x, const ApgdStage& stage, const Labels& targets, bool closes) {
    const int size = task_.input_size(), steps = stage.steps;
    const ThreatModel threat = threat_of(stage);
    if (in_l1()) {
      for (const int i : search_.open) {
        project(x.row(i).data(), task_.images.row(i).data(), size, threat);
      }
    }
    Climb state(task_, stage, x);
    look(state, targets, closes);
    std::fill(state.rises.begin(), state.rises.end(), 0);
    int window = std::max((in_l1() ? 4 : 22) * steps / 100, 1), since = 0;
    bool cancelled = false;
    for (int k = 0; k < steps && !search_.open.empty() && !cancelled; ++k) {
      for_each_row(static_cast<int>(search_.open.size()), [&](int row) {
        const int i = search_.open[static_cast<std::size_t>(row)];
        if (in_l1()) {
          move_sparsely(state, i, threat);
        } else {
          move(state, i, k == 0 ? 1.0F : kMomentum);
        }
      });
      look(state, targets, closes);
      if (++since == window) {
        for (const int i : search_.open) {
          if (in_l1() ? check_sparsity(state, i, stage.epsilon) : check(state, i, window)) {
            state.x.row(i) = state.best.row(i);
            state.gradient.row(i) = state.best_gradient.row(i);
          }
        }
        since = 0;
        if (!in_l1()) {
          window = std::max(window - std::max(3 * steps / 100, 1), std::max(6 * steps / 100, 1));
        }
      }
      cancelled = search_.cancelled_at(on_progress_, ++done_, total_);
    }
    x = state.best;
    return cancelled;
  }

  // A point at the surface of the ball in a random direction; in L1 the one that noise is nearest
  // to.
  void start(float* x, const float* image, Rng& rng) const {
    const int size = task_.input_size();
    if (in_l1()) {
      for (int j = 0; j < size; ++j) x[j] = image[j] + static_cast<float>(rng.normal());
    } else {
      random_at(x, image, size, task_.threat.norm, task_.threat.epsilon, rng);
      clip(x, size, task_.threat.range);
    }
  }

  // Loss and gradient at x of the open images; keeps what is best, and closes those it fools if
  // they are to be closed.
  void look(Climb& state, const Labels& targets, bool closes) {
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
                            losses[r] = apgd_loss(d, options_.loss, task_.criterion_of(open[r]), z,
                                                  classes, task_.labels[i], targets[i]);
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
    if (closes) search_.close_fooled(x, logits);
  }

  // One step with momentum from x, which becomes `previous`.
  void move(Climb& state, int image, float weight) const {
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

  // One step in L1, where what helps is moving few pixels far; momentum would blur them.
  void move_sparsely(Climb& state, int image, const ThreatModel& threat) const {
    const int size = task_.input_size();
    float* x = state.x.row(image).data();
    const SparseStep& step = state.sparse_steps[static_cast<std::size_t>(image)];
    sparse_step(x, x, state.gradient.row(image).data(), size, step.density, step.length);
    project(x, task_.images.row(image).data(), size, threat);
  }

  bool check_sparsity(Climb& state, int image, float epsilon) const {
    return state.sparse_steps[static_cast<std::size_t>(image)].check(
        epsilon, state.best.row(image).data(), task_.images.row(image).data(), task_.input_size());
  }

  // Halves the step of an image whose loss rose too seldom, or not at all with an unhalved step,
  // and tells that it is to go back to its best point.
  bool check(Climb& state, int image, int window) const {
    const auto i = static_cast<std::size_t>(image);
    const bool seldom =
        static_cast<float>(state.rises[i]) <= options_.oscillation * static_cast<float>(window);
    const bool stuck =
        state.halved_at_check[i] == 0 && state.best_loss_at_check[i] >= state.best_loss[i];
    state.halved_at_check[i] = seldom || stuck;
    state.best_loss_at_check[i] = state.best_loss[i];
    state.rises[i] = 0;
    if (!seldom && !stuck) return false;
    state.step[i] /= 2;
    return true;
  }

  Search& search_;
  const AttackTask& task_;
  const ApgdOptions& options_;
  const OnAttackProgress& on_progress_;
  std::vector<ApgdStage> stages_;
  int total_;
  int done_ = 0;
};

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
  const int turns =
      in_turn ? std::min(options.target_classes.value_or(task.threat.norm == Norm::kL1 ? 5 : 9),
                         task.classes() - 1)
              : 1;
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
          {Norm::kLinf, Norm::kL2, Norm::kL1},
          Knowledge::kGradients,
          kWithinBits | kStepsBit | kRestartsBit,
          run<ApgdLoss::kCrossEntropy>};
}

AttackMethod apgd_targeted_method() {
  return {"apgd-t",
          "the same on the ratio of logits, to each wrong class in turn",
          "Croce & Hein 2020",
          {Norm::kLinf, Norm::kL2, Norm::kL1},
          Knowledge::kGradients,
          kWithinBits | kStepsBit | kRestartsBit | kFourClassesBit,
          run<ApgdLoss::kTargetedDlr>};
}

}  // namespace inoculate
