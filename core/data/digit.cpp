#include "data/digit.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace inoculate {
namespace {

constexpr int kSide = 28;
constexpr int kBox = 20;
// Ink fainter than this, of 255, is the noise of a scan or of a picture's compression.
constexpr int kFaintest = 32;

struct Picture {
  std::vector<double> ink;  // 0..255
  int width = 0;
  int height = 0;

  double at(int x, int y) const { return ink[static_cast<std::size_t>(y * width + x)]; }
};

bool has_light_border(const Picture& p) {
  double sum = 0;
  for (int x = 0; x < p.width; ++x) sum += p.at(x, 0) + p.at(x, p.height - 1);
  for (int y = 0; y < p.height; ++y) sum += p.at(0, y) + p.at(p.width - 1, y);
  return sum / (2 * (p.width + p.height)) > 127;
}

// The smallest picture that holds all ink; of no size when there is none.
Picture cut_box(const Picture& p) {
  int left = p.width, right = -1, top = p.height, bottom = -1;
  for (int y = 0; y < p.height; ++y) {
    for (int x = 0; x < p.width; ++x) {
      if (p.at(x, y) < kFaintest) continue;
      left = std::min(left, x);
      right = std::max(right, x);
      top = std::min(top, y);
      bottom = std::max(bottom, y);
    }
  }
  Picture box;
  if (right < 0) return box;
  box.width = right - left + 1;
  box.height = bottom - top + 1;
  for (int y = top; y <= bottom; ++y) {
    for (int x = left; x <= right; ++x) box.ink.push_back(p.at(x, y));
  }
  return box;
}

// The mean ink of the rectangle [x0, x1) x [y0, y1), whose edges may lie between pixels.
double mean_ink(const Picture& p, double x0, double x1, double y0, double y1) {
  double sum = 0;
  for (int y = static_cast<int>(y0); y < std::min<double>(std::ceil(y1), p.height); ++y) {
    const double h = std::min(y1, y + 1.0) - std::max(y0, static_cast<double>(y));
    for (int x = static_cast<int>(x0); x < std::min<double>(std::ceil(x1), p.width); ++x) {
      const double w = std::min(x1, x + 1.0) - std::max(x0, static_cast<double>(x));
      sum += p.at(x, y) * w * h;
    }
  }
  return sum / ((x1 - x0) * (y1 - y0));
}

Picture scale_to_box(const Picture& p) {
  const double scale = static_cast<double>(kBox) / std::max(p.width, p.height);
  Picture out;
  out.width = std::max(1, static_cast<int>(std::lround(p.width * scale)));
  out.height = std::max(1, static_cast<int>(std::lround(p.height * scale)));
  const double dx = static_cast<double>(p.width) / out.width;
  const double dy = static_cast<double>(p.height) / out.height;
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      out.ink.push_back(mean_ink(p, x * dx, (x + 1) * dx, y * dy, (y + 1) * dy));
    }
  }
  return out;
}

// Where the box begins along one axis, so that `centre` of it lies in the middle of the image.
int place(double centre, int size) {
  const int begin = static_cast<int>(std::lround(kSide / 2.0 - centre));
  return std::clamp(begin, 0, kSide - size);
}

// The box of ink scaled, and placed with its centre of mass in the middle.
std::vector<float> place_box(const Picture& cut) {
  std::vector<float> digit(kSide * kSide);
  const Picture box = scale_to_box(cut);
  double mass = 0, x_mass = 0, y_mass = 0;
  for (int y = 0; y < box.height; ++y) {
    for (int x = 0; x < box.width; ++x) {
      mass += box.at(x, y);
      x_mass += box.at(x, y) * (x + 0.5);
      y_mass += box.at(x, y) * (y + 0.5);
    }
  }
  if (mass <= 0) return digit;
  const int left = place(x_mass / mass, box.width);
  const int top = place(y_mass / mass, box.height);
  for (int y = 0; y < box.height; ++y) {
    for (int x = 0; x < box.width; ++x) {
      digit[static_cast<std::size_t>((top + y) * kSide + left + x)] =
          static_cast<float>(std::clamp(box.at(x, y) / 255.0, 0.0, 1.0));
    }
  }
  return digit;
}

}  // namespace

std::vector<float> prepare_digit(std::span<const std::uint8_t> pixels, int width, int height) {
  assert(width > 0 && height > 0);
  assert(pixels.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  Picture picture{{pixels.begin(), pixels.end()}, width, height};
  if (has_light_border(picture)) {
    for (double& ink : picture.ink) ink = 255 - ink;
  }
  const Picture cut = cut_box(picture);
  if (cut.width == 0) return std::vector<float>(kSide * kSide);
  return place_box(cut);
}

std::vector<float> place_digit(std::span<const double> ink, int width, int height) {
  assert(width > 0 && height > 0);
  assert(ink.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height));
  return place_box({{ink.begin(), ink.end()}, width, height});
}

}  // namespace inoculate
