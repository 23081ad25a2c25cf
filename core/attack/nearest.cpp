#include "attack/nearest.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "attack/perturbation.h"

namespace inoculate {

void NearestAdversary::offer(int image, const float* x, float distance) {
  float& nearest = nearest_[static_cast<std::size_t>(image)];
  if (!(distance < nearest)) return;
  nearest = distance;
  std::copy_n(x, search_.adversaries.cols(), search_.adversaries.row(image).data());
}

float furthest_in_range(const float* image, int size, const ThreatModel& threat) {
  if (threat.norm == Norm::kL0) return static_cast<float>(size);
  if (!threat.range) return std::numeric_limits<float>::infinity();
  const auto [low, high] = *threat.range;
  std::vector<float> corner(image, image + size);
  for (float& pixel : corner) pixel = pixel - low > high - pixel ? low : high;
  return distance(corner.data(), image, size, threat.norm);
}

float cosine_between(float first, float last, int step, int steps) {
  const double angle = std::numbers::pi * step / steps;
  return last + (first - last) * static_cast<float>((1 + std::cos(angle)) / 2);
}

void Constant::next() {
  (found ? high : low) = value;
  value = std::isinf(high) ? 10 * value : (low + high) / 2;
  found = false;
}

}  // namespace inoculate
