// Strokes against sampling each pixel 16 x 16 times: the share of samples within the radius.
#include <algorithm>
#include <cmath>

#include "catch.h"
#include "random_data.h"
#include "web/picture/strokes.h"

using namespace inoculate;
using namespace inoculate::page;

namespace {

constexpr int kSide = 40;
using Canvas = std::vector<float>;

Canvas blank(float value = 0) { return Canvas(kSide * kSide, value); }

bool within(double x, double y, const Stroke& stroke) {
  for (std::size_t i = 0; i < stroke.points.size(); ++i) {
    const PadPoint a = stroke.points[i == 0 ? 0 : i - 1], b = stroke.points[i];
    const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    double t = length > 0 ? ((x - a.x) * dx + (y - a.y) * dy) / length : 0;
    t = t < 0 ? 0 : t > 1 ? 1 : t;
    if (std::hypot(x - a.x - t * dx, y - a.y - t * dy) <= stroke.radius) return true;
  }
  return false;
}

Canvas sampled(const Stroke& stroke) {
  constexpr int kSamples = 16;
  Canvas canvas = blank();
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      int hits = 0;
      for (int i = 0; i < kSamples * kSamples; ++i) {
        hits += within((x + (i % kSamples + 0.5) / kSamples) / kSide,
                       (y + (i / kSamples + 0.5) / kSamples) / kSide, stroke);
      }
      canvas[static_cast<std::size_t>(y * kSide + x)] =
          static_cast<float>(hits) / (kSamples * kSamples);
    }
  }
  return canvas;
}

float largest_difference(const Canvas& a, const Canvas& b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace

TEST_CASE("a stroke covers what lies within its radius, and fades over a pixel") {
  RandomData random(3);
  for (int round = 0; round < 20; ++round) {
    Stroke stroke;
    stroke.radius = random.number(0.04F, 0.12F);
    for (int i = 0; i < 1 + round % 4; ++i) {
      stroke.points.push_back({random.number(-0.2F, 1.2F), random.number(-0.2F, 1.2F)});
    }
    Canvas drawn = blank();
    draw_strokes(drawn, kSide, {&stroke, 1});
    // The slope of the fading edge and the true coverage differ by under a quarter of a pixel.
    CHECK(largest_difference(drawn, sampled(stroke)) < 0.25F);
  }
}

TEST_CASE("strokes lie over one another without adding up, and an eraser takes away") {
  const Stroke line{{{0.1F, 0.5F}, {0.9F, 0.5F}}, 0.1F, false};
  Canvas once = blank(), twice = blank();
  draw_strokes(once, kSide, {&line, 1});
  const Stroke both[] = {line, line};
  draw_strokes(twice, kSide, both);
  CHECK(once == twice);

  Stroke eraser = line;
  eraser.erase = true;
  const Stroke undone[] = {line, eraser};
  Canvas erased = blank();
  draw_strokes(erased, kSide, undone);
  CHECK(largest_difference(erased, blank()) <= 0.5F);  // half covered stays half inked
  CHECK(erased[kSide / 2 * kSide + kSide / 2] == 0);
}

// How strokes were drawn before: every pixel of the canvas asked for its distance to every segment,
// the coverage of a whole stroke gathered first.
void draw_all_pixels(Canvas& canvas, const Stroke& stroke) {
  Canvas coverage = blank();
  const float side = kSide, radius = stroke.radius * side;
  for (std::size_t i = 0; i < stroke.points.size(); ++i) {
    const PadPoint from = stroke.points[i == 0 ? 0 : i - 1], to = stroke.points[i];
    const PadPoint a{from.x * side, from.y * side}, b{to.x * side, to.y * side};
    const float dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const PadPoint p{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
        const float along = length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;
        const float t = std::clamp(along, 0.0F, 1.0F);
        const float distance = std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
        float& value = coverage[static_cast<std::size_t>(y * kSide + x)];
        value = std::max(value, std::clamp(radius + 0.5F - distance, 0.0F, 1.0F));
      }
    }
  }
  for (std::size_t i = 0; i < canvas.size(); ++i) {
    canvas[i] =
        stroke.erase ? std::min(canvas[i], 1 - coverage[i]) : std::max(canvas[i], coverage[i]);
  }
}

TEST_CASE("visiting the pixels near each segment alone gives the same bits, point by point too") {
  RandomData random(11);
  for (int drawing = 0; drawing < 40; ++drawing) {
    Canvas all = blank(), near = blank(), by_point = blank();
    for (int s = 0; s < 5; ++s) {
      Stroke stroke;
      stroke.erase = s % 3 == 2;
      stroke.radius = random.number(0.005F, 0.15F);
      for (int i = 0; i < 1 + random.below(12); ++i) {
        PadPoint point{random.number(-0.1F, 1.1F), random.number(-0.1F, 1.1F)};
        if (i > 0 && random.below(4) == 0) point.y = stroke.points.back().y;  // level
        if (i > 0 && random.below(4) == 0) point.x = stroke.points.back().x;  // upright
        stroke.points.push_back(point);
        draw_last_point(by_point, kSide, stroke);
      }
      draw_strokes(near, kSide, {&stroke, 1});
      draw_all_pixels(all, stroke);
    }
    CHECK(near == all);
    CHECK(by_point == all);
  }
}

TEST_CASE("ink is counted in strokes, points and sides of the pad") {
  const Stroke strokes[] = {{{{0, 0}, {1, 0}, {1, 1}}, 0.05F, false},
                            {{{0.5F, 0.5F}}, 0.05F, true}};
  const Ink ink = ink_of(strokes);
  CHECK(ink.strokes == 2);
  CHECK(ink.points == 4);
  CHECK(ink.length == Approx(2));
}

TEST_CASE("a stroke without points, or far outside, draws nothing") {
  const Stroke strokes[] = {{{}, 0.1F, false}, {{{9, 9}, {-9, 9}}, 0.1F, false}};
  Canvas canvas = blank(0.25F);
  draw_strokes(canvas, kSide, strokes);
  CHECK(canvas == blank(0.25F));
}
