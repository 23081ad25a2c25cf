#include "attack/fab.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "attack/box_projection.h"
#include "attack/gradients.h"
#include "attack/margin.h"
#include "attack/perturbation.h"
#include "attack/search.h"

namespace inoculate {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

class Fab {
 public:
  Fab(Search& search, const FabOptions& options, const OnAttackProgress& on_progress, int runs)
      : search_(search),
        task_(search.task),
        options_(options),
        on_progress_(on_progress),
        x_(task_.images),
        nearest_(task_.labels.size(), kInfinity),
        none_(static_cast<std::size_t>(task_.input_size())),
        total_(runs * options.steps) {}

  // One run towards `targets` [N], from the images or from random points. True when cancelled.
  bool run(Rng& rng, const Labels& targets, bool from_images) {
    std::vector<Rng> generators = image_generators(task_, rng);
    for (const int i : search_.open) {
      x_.row(i) = task_.images.row(i);
      if (!from_images) start(i, generators[static_cast<std::size_t>(i)]);
    }
    bool cancelled = false;
    for (int k = 0; k < options_.steps && !search_.open.empty() && !cancelled; ++k) {
      step(targets);
      look();
      cancelled = search_.cancelled_at(on_progress_, ++done_, total_);
    }
    return cancelled;
  }

 private:
  // A random point half as far away as an adversary is of interest.
  void start(int image, Rng& rng) {
    const float radius =
        std::min(nearest_[static_cast<std::size_t>(image)], task_.threat.epsilon) / 2;
    if (!std::isfinite(radius)) return;
    float* x = x_.row(image).data();
    random_at(x, task_.images.row(image).data(), task_.input_size(), task_.threat.norm, radius,
              rng);
    clip(x, task_.input_size(), task_.threat.range);
  }

  // How far the image is from being read as its target, and the gradient with respect to logits.
  float gap(const float* z, std::size_t image, const Labels& targets, float* d) const {
    const int classes = task_.classes(), label = task_.labels[image], target = targets[image];
    const Criterion criterion = task_.criterion_of(static_cast<int>(image));
    if (criterion.confidence > 0) return gap_to(target, criterion.confidence, z, classes, d);
    if (criterion.target) return margin(criterion, z, classes, label, d);
    std::fill_n(d, classes, 0.0F);
    d[label] += 1;
    d[target] -= 1;
    return z[label] - z[target];
  }

  void step(const Labels& targets) {
    const int classes = task_.classes();
    const std::vector<int>& open = search_.open;
    std::vector<float> gaps(open.size());
    Matrix gradients;
    objective_gradients(gradients, nullptr, task_.model, rows_of(x_, open),
                        [&](float* d, const float* z, int begin, int n) {
                          for (int row = 0; row < n; ++row, d += classes, z += classes) {
                            const auto r = static_cast<std::size_t>(begin + row);
                            const auto image = static_cast<std::size_t>(open[r]);
                            gaps[r] = gap(z, image, targets, d);
                          }
                        });
    search_.count({0, 1});
    for_each_row(static_cast<int>(open.size()), [&](int row) {
      const auto r = static_cast<std::size_t>(row);
      const int i = open[r];
      move(x_.row(i).data(), task_.images.row(i).data(), gradients.row(row).data(),
           static_cast<double>(gaps[r]));
    });
  }

  // Where x lies, the gap is so large and has this gradient.
  void move(float* x, const float* image, const float* gradient, double gap) const {
    const int size = task_.input_size();
    const Norm norm = task_.threat.norm;
    const std::optional<ValueRange>& range = task_.threat.range;
    double at_image = gap;  // as far as the gradient tells
    for (int j = 0; j < size; ++j) {
      at_image += static_cast<double>(gradient[j]) *
                  (static_cast<double>(image[j]) - static_cast<double>(x[j]));
    }
    std::vector<float> from_x(static_cast<std::size_t>(size)), from_image(from_x.size());
    move_to_plane(from_x.data(), x, gradient, -gap, size, norm, range);
    move_to_plane(from_image.data(), image, gradient, -at_image, size, norm, range);
    const auto length = [&](const std::vector<float>& way) {
      return std::max(distance(way.data(), none_.data(), size, norm), 1e-8F);
    };
    const float near = length(from_x), far = length(from_image);
    const float bias = std::min(near / (near + far), options_.most_bias);
    for (std::size_t j = 0; j < from_x.size(); ++j) {
      x[j] = (x[j] + options_.overshoot * from_x[j]) * (1 - bias) +
             (image[j] + options_.overshoot * from_image[j]) * bias;
    }
    clip(x, size, range);
  }

  // Keeps the nearest adversaries, goes back from them, and closes images that have one within
  // epsilon.
  void look() {
    const Matrix logits = task_.model.logits(rows_of(x_, search_.open));
    search_.count({1, 0});
    std::vector<int> rest;
    for (std::size_t row = 0; row < search_.open.size(); ++row) {
      const int i = search_.open[row];
      const auto image = static_cast<std::size_t>(i);
      if (meets(task_.criterion_of(i), logits.row(static_cast<Eigen::Index>(row)).data(),
                task_.classes(), task_.labels[image])) {
        const float away = distance(x_.row(i).data(), task_.images.row(i).data(),
                                    task_.input_size(), task_.threat.norm);
        if (away < nearest_[image]) {
          nearest_[image] = away;
          search_.adversaries.row(i) = x_.row(i);
        }
        x_.row(i) = task_.images.row(i) + options_.step_back * (x_.row(i) - task_.images.row(i));
      }
      const float epsilon = task_.threat.epsilon;
      if (std::isinf(epsilon) || nearest_[image] > epsilon) rest.push_back(i);
    }
    search_.open = std::move(rest);
  }

  Search& search_;
  const AttackTask& task_;
  const FabOptions& options_;
  const OnAttackProgress& on_progress_;
  Matrix x_;                    // [N, input], where each image's search stands
  std::vector<float> nearest_;  // [N], the distance of its adversary
  std::vector<float> none_;     // a change of nothing
  int total_;
  int done_ = 0;
};

}  // namespace

AttackResult fab_targeted(const AttackTask& task, const FabOptions& options, Rng& rng,
                          const OnAttackProgress& on_progress) {
  Search search(task);
  const std::vector<Labels> wrong = wrong_classes(search.look(task.images), task.labels);
  const int turns = task.targeted() ? 1 : std::min(options.target_classes, task.classes() - 1);
  Fab attack(search, options, on_progress, turns * options.restarts);
  bool cancelled = false;
  for (int turn = 0; turn < turns; ++turn) {
    Labels targets(task.labels.size());
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const auto own = task.criterion_of(static_cast<int>(i)).target;
      targets[i] = own ? *own : wrong[i][static_cast<std::size_t>(turn)];
    }
    for (int start = 0; start < options.restarts && !search.open.empty() && !cancelled; ++start) {
      cancelled = attack.run(rng, targets, start == 0);
    }
  }
  return search.result(cancelled);
}

AttackMethod fab_targeted_method() {
  return {"fab-t",
          "to the boundaries of the linearised network and along them, the nearest of all",
          "Croce & Hein 2020",
          {Norm::kLinf, Norm::kL2, Norm::kL1},
          Knowledge::kGradients,
          kWithinBits | kStepsBit | kRestartsBit | kNearestBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& rng,
             const OnAttackProgress& on_progress) {
            FabOptions method;
            method.steps = common.steps.value_or(method.steps);
            method.restarts = common.restarts.value_or(method.restarts);
            return fab_targeted(task, method, rng, on_progress);
          }};
}

}  // namespace inoculate
