#include "web/picture/strokes.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

namespace inoculate::page {
namespace {

// From the point to the segment a..b, all in pixels.
float distance(PadPoint p, PadPoint a, PadPoint b) {
  const float dx = b.x - a.x, dy = b.y - a.y;
  const float length = dx * dx + dy * dy;
  const float along = length > 0 ? ((p.x - a.x) * dx + (p.y - a.y) * dy) / length : 0;
  const float t = std::clamp(along, 0.0F, 1.0F);
  return std::hypot(p.x - a.x - t * dx, p.y - a.y - t * dy);
}

PadPoint scaled(PadPoint p, int side) {
  return {p.x * static_cast<float>(side), p.y * static_cast<float>(side)};
}

// The part of the segment a..b with y in low..high, as the least and greatest x on it.
std::pair<float, float> extent(PadPoint a, PadPoint b, float low, float high) {
  const auto [left, right] = std::minmax(a.x, b.x);
  if (a.y == b.y) return {left, right};
  const auto x_at = [&](float y) {
    const float t = std::clamp((y - a.y) / (b.y - a.y), 0.0F, 1.0F);
    return a.x + t * (b.x - a.x);
  };
  return std::minmax({x_at(low), x_at(high)});
}

// Inks, or erases, what the segment a..b (in pixels) covers of each pixel; in each row only the
// pixels near it are visited. A pixel covered several times keeps the largest coverage, whatever
// the order, so that segments may be drawn one by one.
void draw_segment(std::span<float> picture, int side, PadPoint a, PadPoint b, float radius,
                  bool erase) {
  const auto range = [&](float low, float high) {
    const auto limit = static_cast<float>(side);
    return std::pair(static_cast<int>(std::clamp(low - radius - 1, 0.0F, limit)),
                     static_cast<int>(std::clamp(high + radius + 2, 0.0F, limit)));
  };
  const auto [top, bottom] = range(std::min(a.y, b.y), std::max(a.y, b.y));
  for (int y = top; y < bottom; ++y) {
    const float middle_y = static_cast<float>(y) + 0.5F;
    const auto [low, high] = extent(a, b, middle_y - radius - 1, middle_y + radius + 1);
    const auto [left, right] = range(low, high);
    for (int x = left; x < right; ++x) {
      float& value = picture[static_cast<std::size_t>(y * side + x)];
      if (value == (erase ? 0.0F : 1.0F)) continue;  // most of a scribble: it stays what it is
      const PadPoint middle{static_cast<float>(x) + 0.5F, middle_y};
      const float covered = std::clamp(radius + 0.5F - distance(middle, a, b), 0.0F, 1.0F);
      value = erase ? std::min(value, 1 - covered) : std::max(value, covered);
    }
  }
}

// The segment that ends in point i; the first point is a dot.
void draw_point(std::span<float> picture, int side, const Stroke& stroke, std::size_t i) {
  draw_segment(picture, side, scaled(stroke.points[i == 0 ? 0 : i - 1], side),
               scaled(stroke.points[i], side), stroke.radius * static_cast<float>(side),
               stroke.erase);
}

}  // namespace

Ink ink_of(std::span<const Stroke> strokes) {
  Ink ink;
  ink.strokes = strokes.size();
  for (const Stroke& stroke : strokes) {
    ink.points += stroke.points.size();
    for (std::size_t i = 1; i < stroke.points.size(); ++i) {
      ink.length += length(stroke.points[i - 1], stroke.points[i]);
    }
  }
  return ink;
}

double length(PadPoint a, PadPoint b) {
  return std::hypot(static_cast<double>(b.x) - a.x, static_cast<double>(b.y) - a.y);
}

void draw_strokes(std::span<float> picture, int side, std::span<const Stroke> strokes) {
  assert(picture.size() == static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  for (const Stroke& stroke : strokes) {
    for (std::size_t i = 0; i < stroke.points.size(); ++i) draw_point(picture, side, stroke, i);
  }
}

void draw_last_point(std::span<float> picture, int side, const Stroke& stroke) {
  assert(picture.size() == static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  draw_point(picture, side, stroke, stroke.points.size() - 1);
}

}  // namespace inoculate::page
