// Images with a border of zeros, which a window may reach into.
#pragma once

#include "base/buffer.h"
#include "base/shapes.h"

namespace inoculate {

/// Where the positions of an image with a border lie, in floats from its start.
struct Grid {
  Shape shape;     // without the border
  int top = 0;     // rows of zeros
  int left = 0;    // columns of zeros
  int bottom = 0;  // rows of zeros
  int right = 0;   // columns of zeros

  int row() const { return (left + shape.w + right) * shape.c; }
  /// Floats of an image. Multiples of 4 kB would put the same position of all images into one set
  /// of the first cache.
  int size() const {
    const int floats = (top + shape.h + bottom) * row();
    return floats % 1024 == 0 ? floats + shape.c : floats;
  }
  int at(int y, int x) const { return (top + y) * row() + (left + x) * shape.c; }
  int at(int position) const { return at(position / shape.w, position % shape.w); }
  bool operator==(const Grid&) const = default;
};

/// Memory for such images. Borders are zeros from the start; who writes leaves them alone.
class GridBuffer {
 public:
  /// Room for `images` images, with whatever they hold within their borders.
  float* room(const Grid& grid, int images) {
    if (!(grid == grid_)) {
      grid_ = grid;
      values_.clear();
    }
    return room_for(values_,
                    static_cast<std::size_t>(images) * static_cast<std::size_t>(grid.size()));
  }
  float* data() { return values_.data(); }
  const float* data() const { return values_.data(); }

 private:
  Grid grid_;
  FloatBuffer values_;
};

/// Adds a patch [H, W] of floats to those at `to`, in rows `row` floats apart.
template <int H, int W>
void add_patch(float* to, int row, const float* patch) {
  for (int y = 0; y < H; ++y) {
    for (int x = 0; x < W; ++x) to[y * row + x] += patch[y * W + x];
  }
}
inline void add_patch(float* to, int row, const float* patch, int h, int w) {
  // Unrolled for the sizes that 3 x 3 kernels of stride 2 have on images of one channel.
  if (h == 3 && w == 3) return add_patch<3, 3>(to, row, patch);
  if (h == 5 && w == 5) return add_patch<5, 5>(to, row, patch);
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) to[y * row + x] += patch[y * w + x];
  }
}

}  // namespace inoculate
