#include "attack/proposals.h"

#include <cmath>
#include <vector>

#include "attack/margin.h"
#include "attack/perturbation.h"
#include "attack/search.h"

namespace inoculate {

AttackResult best_of_proposals(const AttackTask& task, int tries, const Propose& propose,
                               const OnAttackProgress& on_progress, const OnMargin& on_margin) {
  Search search(task);
  search.look(task.images);
  Matrix best = task.images;
  std::vector<float> least(task.labels.size(), HUGE_VALF);
  bool cancelled = false;
  for (int number = 0; number < tries && !search.open.empty() && !cancelled; ++number) {
    const std::vector<int> open = search.open;
    Matrix x = rows_of(best, open);
    for_each_row(static_cast<int>(open.size()), [&](int row) {
      float* proposal = x.row(row).data();
      propose(proposal, open[static_cast<std::size_t>(row)], number);
      clip(proposal, task.input_size(), task.threat.range);
    });
    const Matrix logits = search.look(x);
    for (std::size_t row = 0; row < open.size(); ++row) {
      const auto i = static_cast<std::size_t>(open[row]);
      const auto r = static_cast<Eigen::Index>(row);
      const float m = margin(task.criterion_of(open[row]), logits.row(r).data(), task.classes(),
                             task.labels[i]);
      const bool is_least = m < least[i];
      if (is_least) {
        least[i] = m;
        best.row(open[row]) = x.row(r);
      }
      if (on_margin) on_margin(open[row], m, is_least);
    }
    cancelled = search.cancelled_at(on_progress, number + 1, tries);
  }
  search.give_up(rows_of(best, search.open));
  return search.result(cancelled);
}

}  // namespace inoculate
