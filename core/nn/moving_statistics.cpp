#include "nn/moving_statistics.h"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <variant>

namespace inoculate {
namespace {

// Calls use(layer, channels, first mean, first variance) for every batch normalisation.
template <class F>
void for_each_norm(const Network& network, F&& use) {
  for (const Layer& layer : network.layers()) {
    if (const auto* norm = std::get_if<BatchNormLayer>(&layer.op)) {
      use(layer, static_cast<std::size_t>(layer.out.c), norm->moving_mean, norm->moving_variance);
    }
  }
}

}  // namespace

bool has_first_statistics(const Network& network) {
  bool first = true;
  for_each_norm(network, [&](const Layer&, std::size_t c, std::size_t mean, std::size_t variance) {
    const auto all = [&](std::size_t begin, float value) {
      const auto part = network.statistics().subspan(begin, c);
      return std::all_of(part.begin(), part.end(), [&](float v) { return v == value; });
    };
    first = first && all(mean, 0) && all(variance, 1);
  });
  return first;
}

void remove_first_statistics(Network& network, double share) {
  assert(share >= 0 && share < 1);
  for_each_norm(network, [&](const Layer&, std::size_t c, std::size_t mean, std::size_t variance) {
    for (float& value : network.statistics().subspan(mean, c)) {
      value = static_cast<float>(static_cast<double>(value) / (1 - share));
    }
    for (float& value : network.statistics().subspan(variance, c)) {
      const double rest = (static_cast<double>(value) - share) / (1 - share);
      value = static_cast<float>(std::max(0.0, rest));
    }
  });
}

int least_batch(const Network& network) {
  int least = 1;
  for_each_norm(network, [&](const Layer& layer, std::size_t, std::size_t, std::size_t) {
    if (layer.out.h * layer.out.w == 1) least = 2;
  });
  return least;
}

}  // namespace inoculate
