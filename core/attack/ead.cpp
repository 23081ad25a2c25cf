#include "attack/ead.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "attack/gradients.h"
#include "attack/margin.h"
#include "attack/nearest.h"
#include "attack/perturbation.h"

namespace inoculate {
namespace {

// Every change of z less than beta is taken back, all others become less by beta: the proximal step
// of beta |d|_1.
void shrink(float* x, const float* z, const float* image, int size, float beta) {
  for (int j = 0; j < size; ++j) {
    const float change = z[j] - image[j];
    x[j] = change > beta ? z[j] - beta : change < -beta ? z[j] + beta : image[j];
  }
}

// The images whose search goes on, and what becomes of them: x, and the point y that its momentum
// takes it to.
class Fista {
 public:
  Fista(Search& search, const EadOptions& options)
      : search_(search), task_(search.task), options_(options), nearest_(search) {
    const auto n = static_cast<std::size_t>(task_.size());
    constants_.assign(n, Constant{options.first_constant});
    losses_.resize(n);
  }

  void begin() {
    x_ = y_ = task_.images;
    last_.assign(losses_.size(), std::numeric_limits<double>::infinity());
    running_ = search_.open;
  }
  bool at_rest() const { return running_.empty(); }
  void end() {
    for (const int i : search_.open) constants_[static_cast<std::size_t>(i)].next();
  }

  void step(int number) {
    descend(number);
    const int check_every = (options_.steps + 9) / 10;
    if (options_.abort_early && number % check_every == 0) {
      std::erase_if(running_, [&](int image) {
        const auto i = static_cast<std::size_t>(image);
        const bool still = !(losses_[i] <= 0.9999 * last_[i]);
        last_[i] = losses_[i];
        return still;
      });
    }
    look();
  }

 private:
  std::size_t image_of(int row) const {
    return static_cast<std::size_t>(running_[static_cast<std::size_t>(row)]);
  }

  // From y along the gradient of what is smooth, then shrunk.
  void descend(int number) {
    const int size = task_.input_size(), classes = task_.classes();
    const float part = static_cast<float>(number) / static_cast<float>(options_.steps);
    const float length = options_.step_size * std::sqrt(1 - part);
    const float momentum = static_cast<float>(number) / static_cast<float>(number + 3);
    const Matrix y = rows_of(y_, running_);
    Matrix gradients;
    objective_gradients(
        gradients, nullptr, task_.model, y, [&](float* d, const float* z, int begin, int count) {
          for (int row = begin; row < begin + count; ++row, d += classes, z += classes) {
            const std::size_t i = image_of(row);
            const float gap =
                margin(task_.criterion_of(static_cast<int>(i)), z, classes, task_.labels[i], d);
            const float c = gap > 0 ? constants_[i].value : 0.0F;
            losses_[i] = static_cast<double>(c * gap);
            std::transform(d, d + classes, d, [c](float slope) { return c * slope; });
          }
        });
    for_each_row(static_cast<int>(running_.size()), [&](int row) {
      const std::size_t i = image_of(row);
      ++search_.calls[i].gradient;
      const auto image = static_cast<Eigen::Index>(i);
      const float* origin = task_.images.row(image).data();
      float* from = y_.row(image).data();
      std::vector<float> z(static_cast<std::size_t>(size)), old(z.size());
      for (int j = 0; j < size; ++j) {
        const float change = from[j] - origin[j];
        losses_[i] += static_cast<double>(change) * change;
        z[static_cast<std::size_t>(j)] = from[j] - length * (gradients(row, j) + 2 * change);
      }
      float* x = x_.row(image).data();
      std::copy_n(x, size, old.begin());
      shrink(x, z.data(), origin, size, options_.beta);
      clip(x, size, task_.threat.range);
      for (int j = 0; j < size; ++j) {
        from[j] = x[j] + momentum * (x[j] - old[static_cast<std::size_t>(j)]);
      }
    });
  }

  void look() {
    if (running_.empty()) return;
    const Matrix x = rows_of(x_, running_);
    const Matrix logits = task_.model.logits(x);
    const int size = task_.input_size();
    for_each_row(static_cast<int>(running_.size()), [&](int row) {
      const std::size_t i = image_of(row);
      const int image = static_cast<int>(i);
      ++search_.calls[i].forward;
      if (!meets(task_.criterion_of(image), logits.row(row).data(), task_.classes(),
                 task_.labels[i])) {
        return;
      }
      constants_[i].found = true;
      const float* origin = task_.images.row(image).data();
      const float l1 = distance(x.row(row).data(), origin, size, Norm::kL1);
      const float l2 = distance(x.row(row).data(), origin, size, Norm::kL2);
      const bool elastic = options_.rule == EadRule::kElasticNet;
      nearest_.offer(image, x.row(row).data(), elastic ? l2 * l2 + options_.beta * l1 : l1);
    });
  }

  Search& search_;
  const AttackTask& task_;
  const EadOptions& options_;
  NearestAdversary nearest_;
  std::vector<Constant> constants_;    // [N]
  Matrix x_, y_;                       // [N, input]
  std::vector<double> losses_, last_;  // [N]
  std::vector<int> running_;           // images whose search has not come to rest
};

}  // namespace

AttackResult ead(const AttackTask& task, const EadOptions& options,
                 const OnAttackProgress& on_progress) {
  Search search(task);
  search.look(task.images);
  Fista fista(search, options);
  bool cancelled = false;
  for (int round = 0; round < options.searches && !cancelled; ++round) {
    fista.begin();
    for (int step = 0; step < options.steps && !fista.at_rest() && !cancelled; ++step) {
      fista.step(step);
      cancelled = search.cancelled_at(on_progress, round * options.steps + step + 1,
                                      options.searches * options.steps);
    }
    fista.end();
  }
  return search.result(cancelled);
}

namespace {

// One of the two as the registry runs it.
template <EadRule kRule>
AttackResult run(const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
                 const OnAttackProgress& on_progress) {
  EadOptions method;
  method.rule = kRule;
  method.steps = common.steps.value_or(method.steps);
  return ead(task, method, on_progress);
}

}  // namespace

AttackMethod ead_elastic_net_method() {
  return {"ead",
          "the nearest adversary by the elastic net, which changes few values",
          "Chen et al. 2018",
          {Norm::kL1},
          Knowledge::kGradients,
          kWithinBits | kStepsBit | kNearestBit,
          run<EadRule::kElasticNet>};
}

AttackMethod ead_l1_method() {
  return {"ead-l1",
          "the same, of which the nearest in L1 counts",
          "Chen et al. 2018",
          {Norm::kL1},
          Knowledge::kGradients,
          kWithinBits | kStepsBit | kNearestBit,
          run<EadRule::kL1>};
}

}  // namespace inoculate
