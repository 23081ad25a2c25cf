#include "attack/targets.h"

#include <algorithm>

namespace inoculate {
namespace {

/// Of the seed: apart from the stream that the attack draws from.
constexpr std::uint64_t kTargetStream = 0x746172676574;  // "target"

}  // namespace

std::vector<int> random_targets(const AttackTask& task, Rng& rng) {
  std::vector<Rng> generators = image_generators(task, rng);
  std::vector<int> targets;
  for (std::size_t i = 0; i < generators.size(); ++i) {
    const auto others = static_cast<std::uint32_t>(task.classes() - 1);
    const int drawn = static_cast<int>(generators[i].below(others));
    targets.push_back(drawn + (drawn >= task.labels[i]));  // the label is passed over
  }
  return targets;
}

std::vector<int> random_targets(const AttackTask& task, std::uint64_t seed) {
  Rng rng(seed, kTargetStream);
  return random_targets(task, rng);
}

std::vector<int> least_likely_targets(const AttackTask& task) {
  const int at_once = images_in_slice(task.model.spec());
  std::vector<int> targets;
  for (int begin = 0; begin < task.size(); begin += at_once) {
    const int n = std::min(at_once, task.size() - begin);
    const Matrix logits = task.model.logits(task.images.middleRows(begin, n));
    for (int i = 0; i < n; ++i) {
      const int label = task.labels[static_cast<std::size_t>(begin + i)];
      int least = label == 0 ? 1 : 0;
      for (int k = 0; k < task.classes(); ++k) {
        if (k != label && logits(i, k) < logits(i, least)) least = k;
      }
      targets.push_back(least);
    }
  }
  return targets;
}

void leave_out_targets(Matrix& adversaries, const AttackTask& task) {
  for (int i = 0; i < task.size(); ++i) {
    if (task.criterion_of(i).target != task.labels[static_cast<std::size_t>(i)]) continue;
    adversaries.row(i) = task.images.row(i);
  }
}

}  // namespace inoculate
