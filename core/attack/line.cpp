#include "attack/line.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "attack/proposals.h"

namespace inoculate {
namespace {

// Distance of a point from the stroke's middle line.
float distance_from(const Stroke& s, float x, float y) {
  const float along_x = s.x1 - s.x0, along_y = s.y1 - s.y0;
  const float squares = along_x * along_x + along_y * along_y;
  const float part =
      squares > 0 ? std::clamp(((x - s.x0) * along_x + (y - s.y0) * along_y) / squares, 0.0F, 1.0F)
                  : 0.0F;
  return std::hypot(x - s.x0 - part * along_x, y - s.y0 - part * along_y);
}

// What strokes may be drawn.
struct Limits {
  float right, bottom, narrowest, widest, darkest, lightest;
};

float within(float low, float high, Rng& rng) {
  return low + (high - low) * static_cast<float>(rng.uniform());
}

Stroke random_stroke(const Limits& l, Rng& rng) {
  return {within(0, l.right, rng),
          within(0, l.bottom, rng),
          within(0, l.right, rng),
          within(0, l.bottom, rng),
          within(l.narrowest, l.widest, rng),
          within(l.darkest, l.lightest, rng)};
}

// The stroke with every number moved, by `scale` of its whole range in the mean square.
Stroke changed(Stroke s, const Limits& l, float scale, Rng& rng) {
  const auto move = [&](float& value, float low, float high) {
    value = std::clamp(value + scale * (high - low) * static_cast<float>(rng.normal()), low, high);
  };
  move(s.x0, 0, l.right);
  move(s.y0, 0, l.bottom);
  move(s.x1, 0, l.right);
  move(s.y1, 0, l.bottom);
  move(s.width, l.narrowest, l.widest);
  move(s.shade, l.darkest, l.lightest);
  return s;
}

}  // namespace

void draw_stroke(float* x, const Shape& shape, const Stroke& stroke) {
  for (int row = 0; row < shape.h; ++row) {
    for (int column = 0; column < shape.w; ++column) {
      const float away = distance_from(stroke, static_cast<float>(column), static_cast<float>(row));
      const float cover = std::clamp(stroke.width / 2 + 0.5F - away, 0.0F, 1.0F);
      for (int channel = 0; channel < shape.c; ++channel) {
        float& pixel = x[(row * shape.w + column) * shape.c + channel];
        pixel += cover * (stroke.shade - pixel);
      }
    }
  }
}

AttackResult line(const AttackTask& task, const LineOptions& options, Rng& rng,
                  const OnAttackProgress& on_progress) {
  const Shape shape = task.model.spec().input;
  const ValueRange range = task.threat.range.value_or(ValueRange{});
  const Limits limits{static_cast<float>(shape.w - 1),
                      static_cast<float>(shape.h - 1),
                      options.narrowest,
                      options.widest,
                      range.low,
                      range.high};
  std::vector<Rng> generators = image_generators(task, rng);
  std::vector<Stroke> last(task.labels.size()), best(task.labels.size());
  const int random_tries = (options.tries + 1) / 2;
  const auto propose = [&](float* x, int image, int number) {
    const auto i = static_cast<std::size_t>(image);
    const float left = static_cast<float>(options.tries - number) /
                       static_cast<float>(options.tries - random_tries + 1);
    last[i] = number < random_tries ? random_stroke(limits, generators[i])
                                    : changed(best[i], limits, 0.2F * left, generators[i]);
    std::copy_n(task.images.row(image).data(), shape.size(), x);
    draw_stroke(x, shape, last[i]);
  };
  const auto keep = [&](int image, float, bool least) {
    const auto i = static_cast<std::size_t>(image);
    if (least) best[i] = last[i];
  };
  return best_of_proposals(task, options.tries, propose, on_progress, keep);
}

AttackMethod line_method() {
  return {"line",
          "one straight stroke",
          "this project",
          {},
          Knowledge::kProbabilities,
          kGoalBits | kQueriesBit,
          [](const AttackTask& task, const AttackOptions& common, Rng& rng,
             const OnAttackProgress& on_progress) {
            LineOptions method;
            if (common.queries)
              method.tries = *common.queries - 1;  // the first look is at the image
            return line(task, method, rng, on_progress);
          }};
}

}  // namespace inoculate
