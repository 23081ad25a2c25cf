#include "nn/adam.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "base/parallel.h"

namespace inoculate {
namespace {

constexpr std::size_t kChunk = 1 << 14;

}  // namespace

void adam_step(std::span<float> parameters, std::span<const float> gradients, AdamState& state,
               float learning_rate) {
  const std::size_t size = parameters.size();
  assert(gradients.size() == size && state.first_moment.size() == size);
  ++state.steps;
  // As in Keras, the correction knows the betas in single precision, the moments' rates in double.
  const auto steps = static_cast<double>(state.steps);
  const auto alpha = static_cast<float>(
      learning_rate * std::sqrt(1 - std::pow(static_cast<double>(kAdamBeta2), steps)) /
      (1 - std::pow(static_cast<double>(kAdamBeta1), steps)));
  constexpr float rate1 = 0.1F;
  constexpr float rate2 = 0.001F;
  float* p = parameters.data();
  const float* g = gradients.data();
  float* m = state.first_moment.data();
  float* v = state.second_moment.data();
  parallel_for(static_cast<int>((size + kChunk - 1) / kChunk), [=](int chunk) {
    const std::size_t begin = static_cast<std::size_t>(chunk) * kChunk;
    for (std::size_t i = begin; i < std::min(size, begin + kChunk); ++i) {
      m[i] += (g[i] - m[i]) * rate1;
      v[i] += (g[i] * g[i] - v[i]) * rate2;
      p[i] -= m[i] * alpha / (std::sqrt(v[i]) + kAdamEpsilon);
    }
  });
}

}  // namespace inoculate
