#include "attack/spatial.h"

#include <cmath>
#include <numbers>

#include "attack/proposals.h"

namespace inoculate {

void rotate_and_move(float* x, const float* image, const Shape& shape, float angle, float dx,
                     float dy, float ground) {
  const float cosine = std::cos(angle), sine = std::sin(angle);
  const float middle_x = static_cast<float>(shape.w - 1) / 2;
  const float middle_y = static_cast<float>(shape.h - 1) / 2;
  const auto pixel = [&](int row, int column, int channel) {
    const bool inside = row >= 0 && row < shape.h && column >= 0 && column < shape.w;
    return inside ? image[(row * shape.w + column) * shape.c + channel] : ground;
  };
  for (int row = 0; row < shape.h; ++row) {
    for (int column = 0; column < shape.w; ++column) {
      // Where this pixel comes from.
      const float right = static_cast<float>(column) - middle_x - dx;
      const float down = static_cast<float>(row) - middle_y - dy;
      const float from_x = cosine * right + sine * down + middle_x;
      const float from_y = -sine * right + cosine * down + middle_y;
      const float left = std::floor(from_x), top = std::floor(from_y);
      const float u = from_x - left, v = from_y - top;
      const int c0 = static_cast<int>(left), r0 = static_cast<int>(top);
      for (int channel = 0; channel < shape.c; ++channel) {
        x[(row * shape.w + column) * shape.c + channel] =
            (1 - v) * ((1 - u) * pixel(r0, c0, channel) + u * pixel(r0, c0 + 1, channel)) +
            v * ((1 - u) * pixel(r0 + 1, c0, channel) + u * pixel(r0 + 1, c0 + 1, channel));
      }
    }
  }
}

AttackResult spatial(const AttackTask& task, const SpatialOptions& options,
                     const OnAttackProgress& on_progress) {
  const Shape shape = task.model.spec().input;
  const float ground = task.threat.range.value_or(ValueRange{}).low;
  const auto place = [](int number, int places, float most) {
    return most * (2 * static_cast<float>(number) / static_cast<float>(places - 1) - 1);
  };
  const int per_axis = options.translations;
  const auto propose = [&](float* x, int image, int number) {
    const int rotation = number / (per_axis * per_axis);
    const int across = number / per_axis % per_axis, down = number % per_axis;
    const float degrees = place(rotation, options.rotations, options.rotation);
    rotate_and_move(x, task.images.row(image).data(), shape,
                    degrees * std::numbers::pi_v<float> / 180,
                    place(across, per_axis, options.translation),
                    place(down, per_axis, options.translation), ground);
  };
  return best_of_proposals(task, options.rotations * per_axis * per_axis, propose, on_progress);
}

AttackMethod spatial_method() {
  return {"spatial",
          "rotated by up to 30 degrees, moved by up to 3 pixels",
          "Engstrom et al. 2019",
          {},
          Knowledge::kProbabilities,
          kGoalBits,
          [](const AttackTask& task, const AttackOptions& /*common*/, Rng& /*rng*/,
             const OnAttackProgress& on_progress) { return spatial(task, {}, on_progress); }};
}

}  // namespace inoculate
