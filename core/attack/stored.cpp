#include "attack/stored.h"

#include <algorithm>
#include <cmath>

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
  const int at_once = images_in_slice(task.model.spec());
  std::vector<std::uint8_t> success;
  for (int begin = 0; begin < task.size(); begin += at_once) {
    const int n = std::min(at_once, task.size() - begin);
    const Matrix logits = task.model.logits(as_stored(adversaries.middleRows(begin, n)));
    for (int i = 0; i < n; ++i) {
      const int label = task.labels[static_cast<std::size_t>(begin + i)];
      success.push_back(
          meets(task.criterion_of(begin + i), logits.row(i).data(), task.classes(), label));
    }
  }
  return success;
}

}  // namespace inoculate
