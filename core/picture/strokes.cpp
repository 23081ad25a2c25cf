#include "picture/strokes.h"

#include <cmath>

#include "picture/regions.h"

namespace inoculate {
namespace {

// Of the ink of a full stroke: what is surely ink, and what its soft edge still is.
constexpr float kSure = 0.4F;
constexpr float kEdge = 0.125F;

bool along_the_edge(const Region& region, const Plane& plane) {
  const Box& b = region.box;
  const bool upright = (b.left == 0 || b.right() == plane.width) &&
                       10 * b.height > 7 * plane.height && 8 * b.width < plane.width;
  const bool flat = (b.top == 0 || b.bottom() == plane.height) && 10 * b.width > 7 * plane.width &&
                    8 * b.height < plane.height;
  return upright || flat;
}

// A drawn rectangle: nearly all of it lies along the edges of its box, corners included.
bool is_rectangle(const Region& region, const Regions& regions, const Plane& plane) {
  const Box& b = region.box;
  if (2 * b.width < plane.width || 2 * b.height < plane.height) return false;
  if (region.near_edge < 0.97 * region.pixels) return false;
  const int label = static_cast<int>(&region - regions.all.data());
  const int reach_x = 1 + b.width / 20, reach_y = 1 + b.height / 20;
  int corners = 0;
  for (const int right : {0, 1}) {
    for (const int bottom : {0, 1}) {
      bool here = false;
      for (int y = 0; y < reach_y; ++y) {
        for (int x = 0; x < reach_x; ++x) {
          here |= label == regions.label[plane.index(right ? b.right() - 1 - x : b.left + x,
                                                     bottom ? b.bottom() - 1 - y : b.top + y)];
        }
      }
      corners += here;
    }
  }
  return corners == 4;
}

// For each region whether it belongs to the digit. `dropped` tells whether any was left out.
std::vector<char> choose(const Regions& regions, const Plane& plane, bool& dropped) {
  std::vector<char> kept(regions.all.size(), 1);
  const auto largest_kept = [&] {
    int largest = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (kept[i]) largest = std::max(largest, regions.all[i].pixels);
    }
    return largest;
  };
  for (std::size_t i = 0; i < kept.size(); ++i) {
    const Region& region = regions.all[i];
    kept[i] = !along_the_edge(region, plane) && !is_rectangle(region, regions, plane);
  }
  // With nothing of substance besides it, such a line is the digit: a 1 at the edge, a square 0.
  constexpr int kFewest = 5;
  if (largest_kept() < kFewest) kept.assign(kept.size(), 1);
  const int largest = largest_kept();
  for (std::size_t i = 0; i < kept.size(); ++i) {
    // The parts of a broken stroke are larger than specks.
    if (regions.all[i].pixels < 0.06 * largest) kept[i] = 0;
    dropped |= !kept[i];
  }
  return kept;
}

Plane blur(const Plane& plane, int radius) {
  const int w = std::max(1, plane.width / (2 * radius + 1));
  const int h = std::max(1, plane.height / (2 * radius + 1));
  return resize(resize(plane, w, h), plane.width, plane.height);
}

Box bounds(const Plane& plane, float threshold) {
  int left = plane.width, right = -1, top = plane.height, bottom = -1;
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < plane.width; ++x) {
      if (plane.at(x, y) < threshold) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
  }
  return right < 0 ? Box{} : Box{left, top, right - left + 1, bottom - top + 1};
}

// The largest value within `radius` of each pixel: strokes become thicker by it on both sides.
Plane dilate(const Plane& plane, double radius) {
  Plane out = plane;
  const int reach = static_cast<int>(std::ceil(radius));
  for (int dy = -reach; dy <= reach; ++dy) {
    for (int dx = -reach; dx <= reach; ++dx) {
      // A soft disc, so that radii between whole pixels count.
      const double inside = radius + 0.5 - std::hypot(dx, dy);
      if (inside <= 0) continue;
      const auto weight = static_cast<float>(std::min(1.0, inside));
      for (int y = std::max(0, dy); y < plane.height + std::min(0, dy); ++y) {
        for (int x = std::max(0, dx); x < plane.width + std::min(0, dx); ++x) {
          out.at(x, y) = std::max(out.at(x, y), weight * plane.at(x - dx, y - dy));
        }
      }
    }
  }
  return out;
}

}  // namespace

Strokes find_strokes(const Ink& ink) {
  const Plane& amount = ink.amount;
  constexpr float kNoisy = 0.08F;
  const int side = std::max(amount.width, amount.height);
  const bool noisy = ink.noise > kNoisy && side > 100;
  const Plane seen = noisy ? blur(amount, std::max(1, side / 200)) : amount;
  const Regions regions = find_regions(seen, kSure);
  Strokes strokes{Plane(amount.width, amount.height), {}, false};
  if (regions.all.empty()) return strokes;
  const std::vector<char> kept = choose(regions, seen, strokes.dropped);
  int pixels = 0, count = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) continue;
    pixels += regions.all[i].pixels;
    ++count;
  }
  // A digit is a few regions; noise is many, of which none is much larger than the others.
  constexpr int kFewestPixels = 5, kMostRegions = 8;
  if (pixels < kFewestPixels || count > kMostRegions) return strokes;
  Box sure{amount.width, amount.height, 0, 0};
  int right = 0, bottom = 0;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (!kept[i]) continue;
    const Box& b = regions.all[i].box;
    sure.left = std::min(sure.left, b.left);
    sure.top = std::min(sure.top, b.top);
    right = std::max(right, b.right());
    bottom = std::max(bottom, b.bottom());
  }
  const int extent = std::max(right - sure.left, bottom - sure.top);
  // A stroke's soft edge reaches about one pixel of MNIST's 20 beyond what is surely ink.
  const int reach = 2 + extent / 14;
  const Nearest nearest = grow(regions, amount.width, amount.height, reach);
  for (std::size_t i = 0; i < amount.values.size(); ++i) {
    const int label = nearest.label[i];
    if (label < 0 || !kept[static_cast<std::size_t>(label)]) continue;
    strokes.ink.values[i] = std::clamp(amount.values[i], -0.5F, noisy ? 1.5F : 1.0F);
  }
  const float edge = std::max(kEdge, 3 * ink.noise);
  strokes.box =
      noisy ? bounds(blur(strokes.ink, std::max(1, side / 200)), 0.25F) : bounds(strokes.ink, edge);
  return strokes;
}

bool thicken(Strokes& strokes, int box_side) {
  const Box& box = strokes.box;
  const double pixel = static_cast<double>(std::max(box.width, box.height)) / box_side;
  // The mean thickness of strokes is twice their area over their outline.
  double area = 0;
  int outline = 0;
  const Plane& ink = strokes.ink;
  const auto is_ink = [&](int x, int y) {
    return x >= 0 && y >= 0 && x < ink.width && y < ink.height && ink.at(x, y) > kSure;
  };
  for (int y = box.top; y < box.bottom(); ++y) {
    for (int x = box.left; x < box.right(); ++x) {
      if (!is_ink(x, y)) continue;
      ++area;
      outline += !is_ink(x - 1, y) + !is_ink(x + 1, y) + !is_ink(x, y - 1) + !is_ink(x, y + 1);
    }
  }
  if (outline == 0) return false;
  const double thickness = 2 * area / outline / pixel * 1.13;
  constexpr double kThinnest = 1.25, kUsual = 2.4;
  if (thickness >= kThinnest) return false;
  const double radius = (kUsual - thickness) * pixel / 2;
  const int more = static_cast<int>(std::ceil(radius)) + 1;
  // Room for the thicker strokes beyond the picture's edge.
  Plane room(box.width + 2 * more, box.height + 2 * more);
  for (int y = 0; y < box.height; ++y) {
    for (int x = 0; x < box.width; ++x) {
      room.at(x + more, y + more) = ink.at(box.left + x, box.top + y);
    }
  }
  strokes.ink = dilate(room, radius);
  strokes.box = bounds(strokes.ink, kEdge);
  return true;
}

}  // namespace inoculate
