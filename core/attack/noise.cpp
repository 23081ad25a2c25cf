#include "attack/noise.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

#include "attack/perturbation.h"
#include "attack/proposals.h"

namespace inoculate {

AttackResult noise(const AttackTask& task, const NoiseOptions& options, Rng& rng,
                   const OnAttackProgress& on_progress) {
  assert(std::isfinite(task.threat.epsilon));
  const int size = task.network.input_size();
  std::vector<Rng> generators = image_generators(rng, task.size());
  const auto propose = [&](float* x, int image, int) {
    Rng& generator = generators[static_cast<std::size_t>(image)];
    std::vector<float> change(static_cast<std::size_t>(size));
    for (float& c : change) {
      c = static_cast<float>(options.kind == NoiseKind::kGaussian ? generator.normal()
                                                                  : 2 * generator.uniform() - 1);
    }
    const std::vector<float> zero(change.size());
    const float length = distance(change.data(), zero.data(), size, task.threat.norm);
    const float scale = task.threat.epsilon / std::max(length, std::numeric_limits<float>::min());
    for (int j = 0; j < size; ++j) {
      x[j] = task.images(image, j) + scale * change[static_cast<std::size_t>(j)];
    }
  };
  return best_of_proposals(task, options.draws, propose, on_progress);
}

}  // namespace inoculate
