#include "picture/frame.h"

#include <cmath>

#include "picture/regions.h"

namespace inoculate {
namespace {

// How far each pixel's colour lies from the median colour of the outermost pixels.
Plane distance_from_rim(const Channels& channels) {
  const int width = channels[0].width, height = channels[0].height;
  Plane distance(width, height);
  for (const Plane& channel : channels) {
    std::vector<float> rim;
    for (int x = 0; x < width; ++x) {
      rim.push_back(channel.at(x, 0));
      rim.push_back(channel.at(x, height - 1));
    }
    for (int y = 1; y < height - 1; ++y) {
      rim.push_back(channel.at(0, y));
      rim.push_back(channel.at(width - 1, y));
    }
    const float color = quantile(std::move(rim), 0.5);
    for (std::size_t i = 0; i < distance.values.size(); ++i) {
      distance.values[i] = std::max(distance.values[i], std::abs(channel.values[i] - color));
    }
  }
  return distance;
}

}  // namespace

Box inside_frame(const Channels& channels) {
  const int width = channels[0].width, height = channels[0].height;
  const Box whole{0, 0, width, height};
  const Plane distance = distance_from_rim(channels);
  constexpr float kClearly = 50;
  const Regions regions = find_regions(distance, kClearly);
  const Region* page = nullptr;
  for (const Region& region : regions.all) {
    if (page == nullptr || region.pixels > page->pixels) page = &region;
  }
  if (page == nullptr) return whole;
  const Box& box = page->box;
  // Paper fills most of its rectangle: no stroke of a digit does, unless it is that of a 1. A page
  // is larger than one, too.
  const double fill = static_cast<double>(page->pixels) / box.width / box.height;
  const bool large = 2 * box.width > width && 2 * box.height > height;
  const bool framed = box.width < width || box.height < height;
  if (!framed || !large || fill < 0.6) return whole;
  // Along the edges of its box there is hardly anything else.
  int on_edge = 0;
  const int inset = 1 + std::max(box.width, box.height) / 100;
  if (box.width < 4 * inset || box.height < 4 * inset) return whole;
  const Box inner{box.left + inset, box.top + inset, box.width - 2 * inset, box.height - 2 * inset};
  for (int x = inner.left; x < inner.right(); ++x) {
    on_edge +=
        (distance.at(x, inner.top) > kClearly) + (distance.at(x, inner.bottom() - 1) > kClearly);
  }
  for (int y = inner.top; y < inner.bottom(); ++y) {
    on_edge +=
        (distance.at(inner.left, y) > kClearly) + (distance.at(inner.right() - 1, y) > kClearly);
  }
  return on_edge > 0.85 * 2 * (inner.width + inner.height) ? inner : whole;
}

}  // namespace inoculate
