// A picture as a reader or a browser gives it, and planes of numbers made from it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace inoculate {

/// Pixels of 8 bits a channel: red, green, blue, alpha (not premultiplied), row-major.
struct ColorPicture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgba;  ///< 4 x width x height
};

/// A number for each pixel, row-major.
struct Plane {
  int width = 0;
  int height = 0;
  std::vector<float> values;

  Plane() = default;
  Plane(int w, int h, float value = 0)
      : width(w), height(h), values(static_cast<std::size_t>(w) * static_cast<std::size_t>(h)) {
    std::fill(values.begin(), values.end(), value);
  }
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
           static_cast<std::size_t>(x);
  }
  float at(int x, int y) const { return values[index(x, y)]; }
  float& at(int x, int y) { return values[index(x, y)]; }
};

/// A rectangle of pixels.
struct Box {
  int left = 0;
  int top = 0;
  int width = 0;
  int height = 0;

  int right() const { return left + width; }
  int bottom() const { return top + height; }
  bool empty() const { return width <= 0 || height <= 0; }
};

/// The part of `plane` in `box`, which must lie within it.
Plane crop(const Plane& plane, const Box& box);
ColorPicture crop(const ColorPicture& picture, const Box& box);

/// `plane` by averaging (smaller) or linear interpolation (larger).
Plane resize(const Plane& plane, int width, int height);

/// The value below which `share` (0..1) of `values` lie; 0 when there are none.
float quantile(std::vector<float> values, double share);

}  // namespace inoculate
