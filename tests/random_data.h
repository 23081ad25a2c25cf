// Random test data from the standard library's Mersenne Twister, whose numbers the standard
// prescribes: what is tested does not set its own questions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "base/shapes.h"

namespace inoculate {

class RandomData {
 public:
  explicit RandomData(unsigned seed) : engine_(seed) {}

  /// In [low, high).
  float number(float low = -1, float high = 1) {
    return low + (high - low) * static_cast<float>(engine_() >> 8) * 0x1p-24F;
  }
  /// In [0, bound).
  int below(int bound) { return static_cast<int>(engine_() % static_cast<unsigned>(bound)); }

  std::vector<float> numbers(int size, float low = -1, float high = 1) {
    std::vector<float> values(static_cast<std::size_t>(size));
    for (float& value : values) value = number(low, high);
    return values;
  }
  /// Whole numbers in [-4, 4]: sums of thousands of their products are exact in float.
  std::vector<float> whole_numbers(int size) {
    std::vector<float> values(static_cast<std::size_t>(size));
    for (float& value : values) value = static_cast<float>(below(9) - 4);
    return values;
  }
  Labels labels(int n, int classes = 10) {
    Labels labels(static_cast<std::size_t>(n));
    for (auto& label : labels) label = static_cast<std::uint8_t>(below(classes));
    return labels;
  }
  /// Images [n, H*W*C] with values in [0, 1).
  Matrix images(int n, int size) {
    Matrix images(n, size);
    for (Eigen::Index i = 0; i < images.size(); ++i) images.data()[i] = number(0, 1);
    return images;
  }

  /// Images [n, H*W*C] as drawings are: most of the ground is blank, and a rectangle on it has
  /// values in [-1, 1). The first is all blank, and every fourth has a ground of ones.
  std::vector<float> drawings(int n, Shape shape) {
    std::vector<float> images;
    for (int i = 0; i < n; ++i) {
      const std::size_t begin = images.size();
      images.resize(begin + static_cast<std::size_t>(shape.size()), i % 4 == 3 ? 1.0F : 0.0F);
      if (i == 0) continue;
      const int top = below(shape.h), left = below(shape.w);
      const int bottom = std::min(shape.h, top + 1 + shape.h / 3);
      const int right = std::min(shape.w, left + 1 + shape.w / 3);
      for (int y = top; y < bottom; ++y) {
        for (int x = left * shape.c; x < right * shape.c; ++x) {
          images[begin + static_cast<std::size_t>(y * shape.w * shape.c + x)] = number();
        }
      }
    }
    return images;
  }

 private:
  std::mt19937 engine_;
};

}  // namespace inoculate
