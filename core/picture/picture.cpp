#include "picture/picture.h"

#include <cassert>
#include <cmath>

namespace inoculate {
namespace {

// One output pixel along an axis is a weighted sum of inputs `first`, `first` + 1, ...
struct Taps {
  int first = 0;
  std::vector<float> weights;
};

std::vector<Taps> averaging_taps(int from, int to) {
  std::vector<Taps> all;
  const double step = static_cast<double>(from) / to;
  for (int i = 0; i < to; ++i) {
    const double begin = i * step;
    const double end = std::min<double>(from, (i + 1) * step);
    Taps taps{static_cast<int>(begin), {}};
    for (int j = taps.first; j < std::min<double>(from, std::ceil(end)); ++j) {
      const double overlap = std::min(end, j + 1.0) - std::max(begin, static_cast<double>(j));
      taps.weights.push_back(static_cast<float>(overlap / (end - begin)));
    }
    all.push_back(std::move(taps));
  }
  return all;
}

std::vector<Taps> linear_taps(int from, int to) {
  std::vector<Taps> all;
  for (int i = 0; i < to; ++i) {
    const double at = std::clamp((i + 0.5) * from / to - 0.5, 0.0, from - 1.0);
    const int first = std::min(static_cast<int>(at), std::max(0, from - 2));
    const auto second = static_cast<float>(at - first);
    all.push_back({first, {1 - second}});
    if (from > 1) all.back().weights.push_back(second);
  }
  return all;
}

std::vector<Taps> taps(int from, int to) {
  return to <= from ? averaging_taps(from, to) : linear_taps(from, to);
}

}  // namespace

Plane crop(const Plane& plane, const Box& box) {
  Plane out(box.width, box.height);
  for (int y = 0; y < box.height; ++y) {
    for (int x = 0; x < box.width; ++x) out.at(x, y) = plane.at(box.left + x, box.top + y);
  }
  return out;
}

ColorPicture crop(const ColorPicture& picture, const Box& box) {
  ColorPicture out{box.width, box.height, {}};
  const auto offset = [&](int x, int y) {
    return 4 * (static_cast<std::ptrdiff_t>(y) * picture.width + x);
  };
  for (int y = box.top; y < box.bottom(); ++y) {
    out.rgba.insert(out.rgba.end(), picture.rgba.begin() + offset(box.left, y),
                    picture.rgba.begin() + offset(box.right(), y));
  }
  return out;
}

Plane resize(const Plane& plane, int width, int height) {
  assert(width > 0 && height > 0);
  const std::vector<Taps> across = taps(plane.width, width);
  const std::vector<Taps> down = taps(plane.height, height);
  Plane narrow(width, plane.height);
  for (int y = 0; y < plane.height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Taps& t = across[static_cast<std::size_t>(x)];
      float sum = 0;
      for (std::size_t k = 0; k < t.weights.size(); ++k) {
        sum += t.weights[k] * plane.at(t.first + static_cast<int>(k), y);
      }
      narrow.at(x, y) = sum;
    }
  }
  Plane out(width, height);
  for (int y = 0; y < height; ++y) {
    const Taps& t = down[static_cast<std::size_t>(y)];
    for (std::size_t k = 0; k < t.weights.size(); ++k) {
      const int from = t.first + static_cast<int>(k);
      for (int x = 0; x < width; ++x) out.at(x, y) += t.weights[k] * narrow.at(x, from);
    }
  }
  return out;
}

float quantile(std::vector<float> values, double share) {
  if (values.empty()) return 0;
  const auto last = static_cast<double>(values.size() - 1);
  const auto place = static_cast<std::ptrdiff_t>(std::lround(share * last));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return values[static_cast<std::size_t>(place)];
}

}  // namespace inoculate
