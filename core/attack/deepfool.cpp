#include "attack/deepfool.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include "attack/gradients.h"
#include "attack/margin.h"
#include "attack/perturbation.h"
#include "attack/search.h"

namespace inoculate {
namespace {

using Classes = std::vector<int>;

// The classes whose boundaries are tried: after the one to get away from (the likeliest with a
// target, else the label) the target, or the others by falling logit.
Classes candidates_of(const float* logits, int classes, int label, const DeepFoolOptions& options,
                      const Criterion& criterion) {
  Classes order(static_cast<std::size_t>(classes));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return logits[a] > logits[b]; });
  if (criterion.target) return {order[0], *criterion.target};
  std::stable_partition(order.begin(), order.end(), [&](int k) { return k == label; });
  order.resize(static_cast<std::size_t>(std::min(options.candidates, classes)));
  return order;
}

// The nearest boundary of each open image: how far it is, and the gradient towards it.
struct Nearest {
  std::vector<float> distances;
  Matrix gradients;
};

// How far class `to` is from its boundary with class `from`, or from the confidence if one is asked
// for; d [classes], unless null, becomes the gradient of what has to fall.
float gap_between(int from, int to, float confidence, const float* z, int classes, float* d) {
  if (confidence > 0) return std::max(gap_to(to, confidence, z, classes, d), 0.0F);
  if (d != nullptr) {
    std::fill_n(d, classes, 0.0F);
    d[from] += 1;
    d[to] -= 1;
  }
  return std::abs(z[to] - z[from]);
}

// Size of a gradient in the dual norm, in which distance = |difference of logits| / size.
double dual_size(const float* gradient, int size, Norm norm) {
  double sum = 0;
  for (int j = 0; j < size; ++j) {
    const double g = gradient[j];
    sum += norm == Norm::kLinf ? std::abs(g) : g * g;
  }
  return norm == Norm::kLinf ? sum : std::sqrt(sum);
}

// `classes_of` gives the candidates of a row of x, `tried` of them.
template <class ClassesOf>
Nearest nearest_boundaries(const AttackTask& task, const Matrix& x, std::size_t tried,
                           const ClassesOf& classes_of) {
  const int size = task.input_size(), classes = task.classes(), rows = static_cast<int>(x.rows());
  const float confidence = task.criterion.confidence;
  Nearest nearest{
      std::vector<float>(static_cast<std::size_t>(rows), std::numeric_limits<float>::infinity()),
      Matrix::Zero(rows, size)};
  // All gradients of an image come after one forward pass: few images at once, or they fill memory.
  const int at_once = std::max(1, images_in_slice(task.model.spec()) / static_cast<int>(tried));
  std::vector<Matrix> gradients(tried - 1);
  Matrix logits;
  for (int begin = 0; begin < rows; begin += at_once) {
    const int n = std::min(at_once, rows - begin);
    std::vector<LogitGradient> objectives;
    for (std::size_t k = 1; k < tried; ++k) {
      objectives.emplace_back([&, k, begin](float* d, const float* z, int first, int count) {
        for (int row = first; row < first + count; ++row, d += classes, z += classes) {
          const Classes& c = classes_of(begin + row);
          gap_between(c[0], c[k], confidence, z, classes, d);
          std::transform(d, d + classes, d, std::negate<>());
        }
      });
    }
    task.model.gradients(gradients, &logits, x.middleRows(begin, n), objectives);
    for_each_row(n, [&](int row) {
      const Classes& c = classes_of(begin + row);
      float& best = nearest.distances[static_cast<std::size_t>(begin + row)];
      for (std::size_t k = 1; k < tried; ++k) {
        const auto gradient = gradients[k - 1].row(row);
        const double gap = static_cast<double>(
            gap_between(c[0], c[k], confidence, logits.row(row).data(), classes, nullptr));
        const auto distance =
            static_cast<float>(gap / (dual_size(gradient.data(), size, task.threat.norm) + 1e-8));
        if (distance >= best) continue;
        best = distance;
        nearest.gradients.row(begin + row) = gradient;
      }
    });
  }
  return nearest;
}

}  // namespace

AttackResult deepfool(const AttackTask& task, const DeepFoolOptions& options,
                      const OnAttackProgress& on_progress) {
  const int size = task.input_size(), classes = task.classes();
  Search search(task);
  const Matrix first = search.look(task.images);
  std::vector<Classes> candidates;
  for (int i = 0; i < task.size(); ++i) {
    candidates.push_back(candidates_of(first.row(i).data(), classes,
                                       task.labels[static_cast<std::size_t>(i)], options,
                                       task.criterion_of(i)));
  }
  const std::size_t tried = candidates.empty() ? 0 : candidates[0].size();
  Matrix total = Matrix::Zero(task.size(), size);  // perturbation so far, without overshoot
  Matrix x = search.open_images();
  bool cancelled = false;
  for (int step = 0; step < options.steps && !search.open.empty() && !cancelled; ++step) {
    const Nearest nearest = nearest_boundaries(task, x, tried, [&](int row) -> const Classes& {
      return candidates[static_cast<std::size_t>(search.open[static_cast<std::size_t>(row)])];
    });
    search.count({0, static_cast<int>(tried) - 1});
    for_each_row(static_cast<int>(x.rows()), [&](int row) {
      const int i = search.open[static_cast<std::size_t>(row)];
      float* p = total.row(i).data();
      // The summand is foolbox's, for boundaries that are all but reached.
      step_along(p, p, nearest.gradients.row(row).data(), size, task.threat.norm,
                 nearest.distances[static_cast<std::size_t>(row)] + 1e-4F);
      const float* image = task.images.row(i).data();
      float* moved = x.row(row).data();
      for (int j = 0; j < size; ++j) moved[j] = image[j] + (1 + options.overshoot) * p[j];
      clip(moved, size, task.threat.range);
    });
    search.give_up(x);
    search.look(x);
    x = rows_of(search.adversaries, search.open);
    cancelled = search.cancelled_at(on_progress, step + 1, options.steps);
  }
  return search.result(cancelled);
}

AttackMethod deepfool_method() {
  return {"deepfool",
          "to the nearest boundary of the linearised network",
          "Moosavi-Dezfooli et al. 2016",
          {Norm::kLinf, Norm::kL2},
          Knowledge::kGradients,
          kWithinBits | kStepsBit | kNearestBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& /*rng*/,
             const OnAttackProgress& on_progress) {
            DeepFoolOptions method;
            method.steps = common.steps.value_or(method.steps);
            return deepfool(task, method, on_progress);
          }};
}

}  // namespace inoculate
