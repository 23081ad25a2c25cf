#include "pictures/surface.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace inoculate {
namespace {

constexpr int kOversampling = 2;  // drawn larger and averaged, which smooths the edges

// Fills a convex quadrilateral row by row.
void fill_quad(Canvas& canvas, const std::array<Point, 4>& corners, Color color) {
  const auto [top, bottom] = std::minmax_element(
      corners.begin(), corners.end(), [](const Point& a, const Point& b) { return a.y < b.y; });
  const int first = std::max(0, static_cast<int>(std::floor(top->y)));
  const int last = std::min(canvas.height() - 1, static_cast<int>(std::ceil(bottom->y)));
  for (int row = first; row <= last; ++row) {
    const float y = std::clamp(static_cast<float>(row) + 0.5F, top->y, bottom->y);
    float left = 1e9F, right = -1e9F;
    for (std::size_t k = 0; k < 4; ++k) {
      const Point &a = corners[k], &b = corners[(k + 1) % 4];
      if (y < std::min(a.y, b.y) || y > std::max(a.y, b.y)) continue;
      const float t = a.y == b.y ? 0 : (y - a.y) / (b.y - a.y);
      for (const float x : {a.x + t * (b.x - a.x), a.y == b.y ? b.x : a.x + t * (b.x - a.x)}) {
        left = std::min(left, x);
        right = std::max(right, x);
      }
    }
    if (right < left) continue;
    const int from = static_cast<int>(std::floor(left)), to = static_cast<int>(std::ceil(right));
    canvas.fill_rect({from, row, std::max(1, to - from), 1}, color);
  }
}

// Light from the upper left, in front.
float brightness(double slope_x, double slope_y) {
  const double length = std::sqrt(slope_x * slope_x + slope_y * slope_y + 1);
  const double towards = (0.45 * slope_x - 0.35 * slope_y + 0.82) / length;
  return static_cast<float>(std::clamp(0.45 + 0.6 * towards, 0.25, 1.0));
}

}  // namespace

void draw_surface(Canvas& canvas, const Rect& where, const std::vector<double>& shares, int side,
                  Color background, const std::function<Color(int x, int y)>& color) {
  const int width = where.width * kOversampling, height = where.height * kOversampling;
  Canvas large(width, height, background);
  const auto share_at = [&](int x, int y) {
    return shares[static_cast<std::size_t>(y * side + x)];
  };
  // Across, and down the picture: towards the viewer, and by what a point is low.
  constexpr double kDepth = 0.74, kRise = 0.26;
  const auto across = [&](int x, int y) { return 0.5 * (x - y) / (side - 1); };
  const auto down = [&](int x, int y) {
    return kDepth * (x + y) / (2.0 * (side - 1)) - kRise * share_at(x, y);
  };
  // All of it in the height that there is.
  double top = down(0, 0), bottom = top;
  for (int i = 0; i < side * side; ++i) {
    top = std::min(top, down(i % side, i / side));
    bottom = std::max(bottom, down(i % side, i / side));
  }
  constexpr double kUsed = 0.96, kTallest = 1.3;
  const double scale = height * std::min(kUsed / std::max(bottom - top, 1e-9), kTallest);
  const auto place = [&](int x, int y) -> Point {
    return {static_cast<float>(width * (0.5 + kUsed * across(x, y))),
            static_cast<float>(0.02 * height + scale * (down(x, y) - top))};
  };
  // From the back to the front, so that what is near hides what is far.
  for (int sum = 0; sum <= 2 * (side - 2); ++sum) {
    for (int y = std::max(0, sum - (side - 2)); y <= std::min(sum, side - 2); ++y) {
      const int x = sum - y;
      const double steep = 1.3 * side / 4;
      const double slope_x =
          steep *
          (share_at(x + 1, y) - share_at(x, y) + share_at(x + 1, y + 1) - share_at(x, y + 1)) / 2;
      const double slope_y =
          steep *
          (share_at(x, y + 1) - share_at(x, y) + share_at(x + 1, y + 1) - share_at(x + 1, y)) / 2;
      const Color lit = mix({12, 16, 30}, color(x, y), brightness(slope_x, slope_y));
      fill_quad(large, {place(x, y), place(x + 1, y), place(x + 1, y + 1), place(x, y + 1)}, lit);
    }
  }
  for (int y = 0; y < where.height; ++y) {
    for (int x = 0; x < where.width; ++x) {
      int sums[3] = {};
      for (int k = 0; k < kOversampling * kOversampling; ++k) {
        const Color c =
            large.at(kOversampling * x + k % kOversampling, kOversampling * y + k / kOversampling);
        sums[0] += c.r;
        sums[1] += c.g;
        sums[2] += c.b;
      }
      const auto mean = [](int sum) {
        return static_cast<std::uint8_t>(sum / (kOversampling * kOversampling));
      };
      canvas.fill_rect({where.x + x, where.y + y, 1, 1},
                       {mean(sums[0]), mean(sums[1]), mean(sums[2])});
    }
  }
}

}  // namespace inoculate
