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
  const int size = task.input_size();
  std::vector<Rng> generators = image_generators(task, rng);
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

namespace {

// One of the two as the registry runs it.
template <NoiseKind kKind>
AttackResult run(const AttackTask& task, const AttackOptions& common, Rng& rng,
                 const OnAttackProgress& on_progress) {
  NoiseOptions method;
  method.kind = kKind;
  if (common.queries) method.draws = *common.queries - 1;  // the first look is at the image
  return noise(task, method, rng, on_progress);
}

}  // namespace

AttackMethod uniform_noise_method() {
  return {"uniform-noise",           "uniform noise, the best of 100 draws",
          "Rauber et al. 2020",      {Norm::kLinf, Norm::kL2},
          Knowledge::kProbabilities, kQueriedBits,
          run<NoiseKind::kUniform>};
}

AttackMethod gaussian_noise_method() {
  return {"gaussian-noise",          "Gaussian noise, the best of 100 draws",
          "Rauber et al. 2020",      {Norm::kLinf, Norm::kL2},
          Knowledge::kProbabilities, kQueriedBits,
          run<NoiseKind::kGaussian>};
}

}  // namespace inoculate
