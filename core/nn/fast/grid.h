// Images with a border of zeros, which a window may reach into.
#pragma once

#include <algorithm>

#include "base/buffer.h"
#include "base/shapes.h"
#include "base/simd.h"

namespace inoculate {

/// Images that go through the convolutions together: enough rows to fill the tiles of a product,
/// and few enough for their activations to stay in the second cache.
inline constexpr int kImagesAtOnce = 8;

/// Calls body(first image, images) for so many of n images at a time.
template <class F>
void for_each_group(int n, F&& body) {
  for (int first = 0; first < n; first += kImagesAtOnce) {
    body(first, std::min(kImagesAtOnce, n - first));
  }
}

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
  bool operator==(const Grid&) const = default;
};

/// Writes an image [H*W*C] within its border.
inline void copy_into_grid(float* to, const Grid& grid, const float* image) {
  const int row = grid.shape.w * grid.shape.c;
  for (int y = 0; y < grid.shape.h; ++y, image += row) copy_floats(to + grid.at(y, 0), image, row);
}

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
  const float* data() const { return values_.data(); }

 private:
  Grid grid_;
  FloatBuffer values_;
};

/// The contribution of one output to the gradient of the pixels around it, in rows of whole fours
/// of floats: what lies beyond the width is zeros.
struct Patch {
  int h;
  int row;

  Patch(int height, int width) : h(height), row((width + 3) / 4 * 4) {}

  /// Floats of a patch in whole vectors.
  int size() const { return (h * row + kLanes - 1) / kLanes * kLanes; }
  /// Adds `values` to an image at `to`, in rows `image_row` floats apart.
  void add(float* to, int image_row, const float* values) const {
    for (int y = 0; y < h; ++y, to += image_row, values += row) {
      for (int x = 0; x < row; x += 4) {
        store_four(to + x, load_four(to + x) + load_four(values + x));
      }
    }
  }
};

}  // namespace inoculate
