#include "web/picture/strokes.h"

#include <algorithm>
#include <cassert>
#include <cmath>

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

// Raises `coverage` to what the segment a..b covers of each pixel; only pixels near it are touched.
void cover_segment(std::span<float> coverage, int side, PadPoint a, PadPoint b, float radius) {
  const auto range = [&](float low, float high) {
    const auto limit = static_cast<float>(side);
    return std::pair(static_cast<int>(std::clamp(low - radius - 1, 0.0F, limit)),
                     static_cast<int>(std::clamp(high + radius + 2, 0.0F, limit)));
  };
  const auto [left, right] = range(std::min(a.x, b.x), std::max(a.x, b.x));
  const auto [top, bottom] = range(std::min(a.y, b.y), std::max(a.y, b.y));
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      const PadPoint middle{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
      float& value = coverage[static_cast<std::size_t>(y * side + x)];
      value = std::max(value, std::clamp(radius + 0.5F - distance(middle, a, b), 0.0F, 1.0F));
    }
  }
}

}  // namespace

void draw_strokes(std::span<float> picture, int side, std::span<const Stroke> strokes) {
  assert(picture.size() == static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  std::vector<float> coverage(picture.size());
  for (const Stroke& stroke : strokes) {
    if (stroke.points.empty()) continue;
    std::fill(coverage.begin(), coverage.end(), 0.0F);
    const float radius = stroke.radius * static_cast<float>(side);
    for (std::size_t i = 0; i < stroke.points.size(); ++i) {
      cover_segment(coverage, side, scaled(stroke.points[i == 0 ? 0 : i - 1], side),
                    scaled(stroke.points[i], side), radius);
    }
    for (std::size_t i = 0; i < picture.size(); ++i) {
      picture[i] =
          stroke.erase ? std::min(picture[i], 1 - coverage[i]) : std::max(picture[i], coverage[i]);
    }
  }
}

}  // namespace inoculate::page
