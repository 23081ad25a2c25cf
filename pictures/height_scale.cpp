#include "pictures/height_scale.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace inoculate {

double HeightScale::share(double height) const {
  if (!std::isfinite(height)) return 1;
  const auto at = [&](double h) { return logarithmic ? std::log(std::max(h, low)) : h; };
  const double width = at(high) - at(low);
  return width > 0 ? std::clamp((at(height) - at(low)) / width, 0.0, 1.0) : 0;
}

double HeightScale::height(double share) const {
  return logarithmic ? low * std::pow(high / low, share) : low + share * (high - low);
}

HeightScale scale_of(std::vector<double> heights) {
  std::erase_if(heights, [](double h) { return !std::isfinite(h); });
  if (heights.empty()) return {};
  std::sort(heights.begin(), heights.end());
  HeightScale scale{heights.front(), heights.back(), false};
  constexpr double kWide = 30, kLeastShown = 1e-6;
  if (scale.high > kWide * std::max(scale.low, kLeastShown)) {
    scale.logarithmic = true;
    // Losses of next to nothing would take all of the scale.
    scale.low = std::max({scale.low, kLeastShown, scale.high * 1e-4});
  }
  return scale;
}

Color height_color(double share) {
  constexpr std::array<Color, 6> kStops{{{24, 34, 84},
                                         {35, 82, 140},
                                         {38, 132, 142},
                                         {94, 178, 122},
                                         {202, 210, 98},
                                         {252, 244, 196}}};
  const double place = std::clamp(share, 0.0, 1.0) * (kStops.size() - 1);
  const auto stop = std::min(static_cast<std::size_t>(place), kStops.size() - 2);
  return mix(kStops[stop], kStops[stop + 1], static_cast<float>(place - static_cast<double>(stop)));
}

std::vector<double> contour_heights(const HeightScale& scale) {
  constexpr int kLevels = 9;
  std::vector<double> heights;
  for (int i = 1; i <= kLevels; ++i) heights.push_back(scale.height(i / (kLevels + 1.0)));
  return heights;
}

std::vector<ContourPiece> contour(const std::vector<double>& shares, int side, double level) {
  std::vector<ContourPiece> pieces;
  for (int y = 0; y + 1 < side; ++y) {
    for (int x = 0; x + 1 < side; ++x) {
      // The corners in turn, and where the level crosses the edges between them.
      const int corner_x[] = {x, x + 1, x + 1, x}, corner_y[] = {y, y, y + 1, y + 1};
      std::array<Point, 4> crossings;
      std::size_t count = 0;
      for (int k = 0; k < 4; ++k) {
        const int next = (k + 1) % 4;
        const double a = shares[static_cast<std::size_t>(corner_y[k] * side + corner_x[k])] - level;
        const double b =
            shares[static_cast<std::size_t>(corner_y[next] * side + corner_x[next])] - level;
        if ((a < 0) == (b < 0)) continue;
        const auto t = static_cast<float>(a / (a - b));
        const auto between = [&](int from, int to) {
          return static_cast<float>(from) + t * static_cast<float>(to - from);
        };
        crossings[count++] = {between(corner_x[k], corner_x[next]),
                              between(corner_y[k], corner_y[next])};
      }
      // Four crossings are a saddle; which ends belong together cannot be told, so any do.
      for (std::size_t k = 0; k + 1 < count; k += 2) {
        pieces.push_back({crossings[k], crossings[k + 1]});
      }
    }
  }
  return pieces;
}

}  // namespace inoculate
