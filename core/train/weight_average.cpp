#include "train/weight_average.h"

#include <algorithm>
#include <cassert>

namespace inoculate {

std::vector<float> all_weights(const Trainable& network) {
  std::vector<float> weights(network.parameters().begin(), network.parameters().end());
  weights.insert(weights.end(), network.statistics().begin(), network.statistics().end());
  return weights;
}

void set_all_weights(Trainable& network, std::span<const float> weights) {
  const std::size_t parameters = network.parameters().size();
  assert(weights.size() == parameters + network.statistics().size());
  std::copy_n(weights.begin(), parameters, network.parameters().begin());
  std::copy(weights.begin() + static_cast<std::ptrdiff_t>(parameters), weights.end(),
            network.statistics().begin());
}

float kept_share(float decay, std::int64_t step) {
  const auto n = static_cast<float>(step);
  return std::min(decay, n / (9 + n));
}

void update_average(std::vector<float>& average, const Trainable& network, float decay,
                    std::int64_t step) {
  const float keep = kept_share(decay, step);
  float* next = average.data();
  for (const std::span<const float> part : {network.parameters(), network.statistics()}) {
    for (const float weight : part) {
      *next += (1 - keep) * (weight - *next);
      ++next;
    }
  }
}

}  // namespace inoculate
