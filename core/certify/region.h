// Numbers of bounds, and where in an image the ones that matter lie.
#pragma once

#include <Eigen/Core>
#include <algorithm>

#include "base/shapes.h"
#include "nn/graph/graph.h"

namespace inoculate {

/// Row-major doubles: a batch of bounds or of coefficients, [rows, numbers of a value].
using RealMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// A value as positions H x W of C channels, whatever its axes: the last one is C.
inline Shape grid_of(const Extents& e) {
  if (e.empty()) return {};
  if (e.size() == 3) return {e[0], e[1], e[2]};
  return {1, size_of(e) / e.back(), e.back()};
}

/// The positions [y, y + h) x [x, x + w) of a grid. Coefficients are kept for these alone, since a
/// neuron of a convolution sees a small part of the image.
struct Region {
  int y = 0, x = 0, h = 0, w = 0;

  int positions() const { return h * w; }
  bool operator==(const Region&) const = default;
};

inline Region whole(const Shape& grid) { return {0, 0, grid.h, grid.w}; }

/// The smallest that holds both.
inline Region united(const Region& a, const Region& b) {
  const int y = std::min(a.y, b.y), x = std::min(a.x, b.x);
  return {y, x, std::max(a.y + a.h, b.y + b.h) - y, std::max(a.x + a.w, b.x + b.w) - x};
}

/// Calls body(number within the region, number within the grid, count) for every row of positions.
template <class F>
void for_each_run(const Region& region, const Shape& grid, F&& body) {
  const int run = region.w * grid.c;
  for (int y = 0; y < region.h; ++y) {
    body(y * run, ((region.y + y) * grid.w + region.x) * grid.c, run);
  }
}

/// The numbers of a row [grid] that lie in the region.
inline Eigen::RowVectorXd cut(const double* numbers, const Region& region, const Shape& grid) {
  Eigen::RowVectorXd part(region.positions() * grid.c);
  for_each_run(region, grid, [&](int to, int from, int count) {
    std::copy_n(numbers + from, count, part.data() + to);
  });
  return part;
}

}  // namespace inoculate
