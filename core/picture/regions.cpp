#include "picture/regions.h"

#include <array>
#include <cstddef>

namespace inoculate {
namespace {

struct Place {
  int x, y;
};

// The region of `label`, from its pixels.
Region measure(const std::vector<Place>& places) {
  int left = places[0].x, right = left, top = places[0].y, bottom = top;
  for (const auto [x, y] : places) {
    left = std::min(left, x);
    right = std::max(right, x);
    top = std::min(top, y);
    bottom = std::max(bottom, y);
  }
  Region region{
      {left, top, right - left + 1, bottom - top + 1}, static_cast<int>(places.size()), 0};
  for (const auto [x, y] : places) {
    const int dx = std::min(x - left, right - x), dy = std::min(y - top, bottom - y);
    if (6 * dx < region.box.width || 6 * dy < region.box.height) ++region.near_edge;
  }
  return region;
}

}  // namespace

Regions find_regions(const Plane& plane, float threshold) {
  Regions regions;
  regions.label.assign(plane.values.size(), -1);
  std::vector<Place> places;
  for (int top = 0; top < plane.height; ++top) {
    for (int left = 0; left < plane.width; ++left) {
      const auto is_new = [&](int x, int y) {
        return plane.at(x, y) > threshold && regions.label[plane.index(x, y)] < 0;
      };
      if (!is_new(left, top)) continue;
      const int label = static_cast<int>(regions.all.size());
      regions.label[plane.index(left, top)] = label;
      places.assign(1, {left, top});
      for (std::size_t next = 0; next < places.size(); ++next) {
        const auto [x, y] = places[next];
        for (int v = std::max(0, y - 1); v <= std::min(plane.height - 1, y + 1); ++v) {
          for (int u = std::max(0, x - 1); u <= std::min(plane.width - 1, x + 1); ++u) {
            if (!is_new(u, v)) continue;
            regions.label[plane.index(u, v)] = label;
            places.push_back({u, v});
          }
        }
      }
      regions.all.push_back(measure(places));
    }
  }
  return regions;
}

Nearest grow(const Regions& regions, int width, int height, int reach) {
  Nearest nearest{regions.label, std::vector<int>(regions.label.size(), 0)};
  std::vector<Place> front;
  const auto index = [&](int x, int y) {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
           static_cast<std::size_t>(x);
  };
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (regions.label[index(x, y)] >= 0) front.push_back({x, y});
    }
  }
  constexpr std::array<Place, 4> kSides = {{{1, 0}, {-1, 0}, {0, 1}, {0, -1}}};
  for (int steps = 1; steps <= reach; ++steps) {
    std::vector<Place> next;
    for (const auto [x, y] : front) {
      for (const auto [dx, dy] : kSides) {
        const int u = x + dx, v = y + dy;
        if (u < 0 || v < 0 || u >= width || v >= height) continue;
        if (nearest.label[index(u, v)] >= 0) continue;
        nearest.label[index(u, v)] = nearest.label[index(x, y)];
        nearest.steps[index(u, v)] = steps;
        next.push_back({u, v});
      }
    }
    front = std::move(next);
  }
  return nearest;
}

}  // namespace inoculate
