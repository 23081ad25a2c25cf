#include "attack/stored.h"

#include <algorithm>
#include <cmath>

#include "nn/inference.h"

namespace inoculate {
namespace {

std::uint8_t level_of(float pixel) {
  return static_cast<std::uint8_t>(std::lround(255 * std::min(std::max(0.0F, pixel), 1.0F)));
}

}  // namespace

std::vector<std::uint8_t> to_levels(const float* pixels, std::size_t count) {
  std::vector<std::uint8_t> levels(count);
  std::transform(pixels, pixels + count, levels.begin(), level_of);
  return levels;
}

Matrix as_stored(ConstMatrixRef images) {
  return images.unaryExpr([](float pixel) { return static_cast<float>(level_of(pixel)) / 255; });
}

std::vector<std::uint8_t> stored_success(const AttackTask& task, ConstMatrixRef adversaries) {
  const Matrix logits = predict_logits(task.network, as_stored(adversaries));
  std::vector<std::uint8_t> success(task.labels.size());
  for (int i = 0; i < task.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    success[at] =
        meets(task.criterion, logits.row(i).data(), task.network.classes(), task.labels[at]);
  }
  return success;
}

}  // namespace inoculate
