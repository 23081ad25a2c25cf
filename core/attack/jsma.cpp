#include "attack/jsma.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numeric>
#include <vector>

#include "attack/perturbation.h"
#include "attack/search.h"

namespace inoculate {
namespace {

// The pixels to raise: those with the largest (target's slope) * |others' slope| where the first is
// above 0 and the second below; fewer than asked for when there are none.
std::vector<int> salient_single(const float* target, const float* others,
                                const std::vector<int>& free) {
  int best = -1;
  float most = 0;
  for (const int p : free) {
    const float saliency = -target[p] * others[p];
    if (target[p] > 0 && others[p] < 0 && saliency > most) {
      most = saliency;
      best = p;
    }
  }
  return best < 0 ? std::vector<int>{} : std::vector<int>{best};
}

std::vector<int> salient_pair(const float* target, const float* others,
                              const std::vector<int>& free) {
  std::vector<int> best;
  float most = 0;
  for (std::size_t a = 0; a < free.size(); ++a) {
    const int p = free[a];
    for (std::size_t b = a + 1; b < free.size(); ++b) {
      const int q = free[b];
      const float up = target[p] + target[q], down = others[p] + others[q];
      if (up > 0 && down < 0 && -up * down > most) {
        most = -up * down;
        best = {p, q};
      }
    }
  }
  return best;
}

// Of the pixels those that most raise the target above the others, in rising order.
void keep_best(std::vector<int>& pixels, const float* target, const float* others, int most) {
  if (pixels.size() <= static_cast<std::size_t>(most)) return;
  std::nth_element(pixels.begin(), pixels.begin() + most, pixels.end(),
                   [&](int a, int b) { return target[a] - others[a] > target[b] - others[b]; });
  pixels.resize(static_cast<std::size_t>(most));
  std::sort(pixels.begin(), pixels.end());
}

// The wrong classes of an image by falling logit, or the target alone.
Labels aims_of(const float* logits, int classes, int label, const Criterion& criterion) {
  if (criterion.target) return {*criterion.target};
  Labels order(static_cast<std::size_t>(classes));
  std::iota(order.begin(), order.end(), 0);
  std::erase(order, label);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return logits[a] > logits[b]; });
  return order;
}

}  // namespace

AttackResult jsma(const AttackTask& task, const JsmaOptions& options,
                  const OnAttackProgress& on_progress) {
  assert(task.threat.norm == Norm::kL0);
  const int size = task.input_size(), classes = task.classes();
  const float top = task.threat.range.value_or(ValueRange{}).high;
  const int per_step = options.pairs ? 2 : 1;
  const int budget = static_cast<int>(std::min(task.threat.epsilon, static_cast<float>(size)));
  const int steps = budget / per_step;
  Search search(task);
  const Matrix first = search.look(task.images);
  std::vector<Labels> aims;
  for (int i = 0; i < task.size(); ++i) {
    aims.push_back(aims_of(first.row(i).data(), classes, task.labels[static_cast<std::size_t>(i)],
                           task.criterion_of(i)));
  }
  const std::size_t turns = aims.empty() ? 0 : aims[0].size();
  bool cancelled = false;
  for (std::size_t turn = 0; turn < turns && !search.open.empty() && !cancelled; ++turn) {
    Matrix state = task.images;
    for (int step = 0; step < steps && !search.open.empty() && !cancelled; ++step) {
      const Matrix x = rows_of(state, search.open);
      const auto aim_of = [&](int row) {
        return aims[static_cast<std::size_t>(search.open[static_cast<std::size_t>(row)])][turn];
      };
      // Slopes of the target's logit, and of the sum of all others.
      std::array<LogitGradient, 2> objectives;
      for (const bool of_target : {true, false}) {
        objectives[of_target ? 0 : 1] = [&, of_target](float* d, const float*, int begin, int n) {
          std::fill_n(d, n * classes, of_target ? 0.0F : 1.0F);
          for (int row = 0; row < n; ++row) {
            d[row * classes + aim_of(begin + row)] = of_target ? 1.0F : 0.0F;
          }
        };
      }
      std::array<Matrix, 2> slopes;
      task.model.gradients(slopes, nullptr, x, objectives);
      const Matrix &target = slopes[0], &others = slopes[1];
      search.count({0, 2});
      for_each_row(static_cast<int>(x.rows()), [&](int row) {
        std::vector<int> free;
        for (int p = 0; p < size; ++p) {
          if (x(row, p) < top) free.push_back(p);
        }
        const float* up = target.row(row).data();
        const float* down = others.row(row).data();
        if (options.pairs) keep_best(free, up, down, options.candidates);
        const auto salient = options.pairs ? salient_pair : salient_single;
        for (const int p : salient(up, down, free)) {
          state(search.open[static_cast<std::size_t>(row)], p) = top;
        }
      });
      search.look(rows_of(state, search.open));
      cancelled = search.cancelled_at(on_progress, static_cast<int>(turn) * steps + step + 1,
                                      static_cast<int>(turns) * steps);
    }
    search.give_up(rows_of(state, search.open));
  }
  return search.result(cancelled);
}

AttackMethod jsma_pairs_method() {
  return {"jsma",
          "two pixels at a time, where they tell most",
          "Papernot et al. 2016",
          {Norm::kL0},
          Knowledge::kGradients,
          kWithinBits,
          [](const AttackTask& task, const AttackOptions& /*common*/, Rng& /*rng*/,
             const OnAttackProgress& on_progress) { return jsma(task, {true}, on_progress); }};
}

AttackMethod jsma_single_method() {
  return {"jsma-one",
          "the same, a pixel at a time",
          "Papernot et al. 2016",
          {Norm::kL0},
          Knowledge::kGradients,
          kWithinBits,
          [](const AttackTask& task, const AttackOptions& /*common*/, Rng& /*rng*/,
             const OnAttackProgress& on_progress) { return jsma(task, {false}, on_progress); }};
}

}  // namespace inoculate
