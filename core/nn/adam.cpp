#include "nn/adam.h"

#include <cassert>
#include <cmath>

#include "nn/ops/ranges.h"

namespace inoculate {
namespace {

// A moment below this moves no parameter: its step is lost in rounding, and beside epsilon its root
// is nothing. It must not decay any further: where a unit has died it would end as a denormal
// number, and arithmetic with those takes a hundred times as long.
constexpr float kNoMoment = 1e-30F;

float without_denormals(float moment) { return std::abs(moment) < kNoMoment ? 0.0F : moment; }

// One step of `size` parameters p with moments m and v. That none of them overlap is what a
// compiler needs to know before it takes several at a time.
void step(float* __restrict p, float* __restrict m, float* __restrict v, const float* __restrict g,
          std::size_t size, float alpha) {
  constexpr float rate1 = 0.1F;
  constexpr float rate2 = 0.001F;
  for (std::size_t i = 0; i < size; ++i) {
    m[i] = without_denormals(m[i] + (g[i] - m[i]) * rate1);
    v[i] = without_denormals(v[i] + (g[i] * g[i] - v[i]) * rate2);
    p[i] -= m[i] * alpha / (std::sqrt(v[i]) + kAdamEpsilon);
  }
}

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
  float* p = parameters.data();
  const float* g = gradients.data();
  float* m = state.first_moment.data();
  float* v = state.second_moment.data();
  for_each_range(size, [=](std::size_t begin, std::size_t end) {
    step(p + begin, m + begin, v + begin, g + begin, end - begin, alpha);
  });
}

}  // namespace inoculate
