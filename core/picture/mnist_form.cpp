#include "picture/mnist_form.h"

#include <cmath>

#include "picture/channels.h"

namespace inoculate {
namespace {

constexpr int kSide = 28;

struct Extent {
  int left = kSide, right = -1, top = kSide, bottom = -1;
  double mass = 0, x = 0, y = 0;

  int longest() const { return std::max(right - left, bottom - top) + 1; }
  // How far the centre of mass lies from the picture's, along the worse axis.
  double off_centre() const {
    return std::max(std::abs(x / mass - kSide / 2.0), std::abs(y / mass - kSide / 2.0));
  }
};

Extent extent(const Plane& plane, float threshold) {
  Extent e;
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      const double value = plane.at(x, y);
      if (value <= threshold) continue;
      e.left = std::min(e.left, x);
      e.right = std::max(e.right, x);
      e.top = std::min(e.top, y);
      e.bottom = std::max(e.bottom, y);
      e.mass += value;
      e.x += value * (x + 0.5);
      e.y += value * (y + 0.5);
    }
  }
  return e;
}

float mean_of_rim(const Plane& plane) {
  float sum = 0;
  for (int i = 0; i < kSide - 1; ++i) {
    sum += plane.at(i, 0) + plane.at(kSide - 1, i) + plane.at(kSide - 1 - i, kSide - 1) +
           plane.at(0, kSide - 1 - i);
  }
  return sum / (4 * (kSide - 1));
}

// Whether any bright pixel stands nearly alone: no pen leaves such, an attack on single pixels and
// noise do.
bool has_lone_pixels(const Plane& plane, float bright) {
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      if (plane.at(x, y) <= bright) continue;
      int neighbours = -1;
      for (int v = std::max(0, y - 1); v <= std::min(kSide - 1, y + 1); ++v) {
        for (int u = std::max(0, x - 1); u <= std::min(kSide - 1, x + 1); ++u) {
          neighbours += plane.at(u, v) > bright / 2;
        }
      }
      if (neighbours < 2) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<std::vector<float>> grey_digit_pixels(const ColorPicture& picture) {
  if (picture.width != kSide || picture.height != kSide || !is_grey(picture)) return std::nullopt;
  std::vector<float> pixels;
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    pixels.push_back(static_cast<float>(picture.rgba[i] / 255.0));
  }
  return pixels;
}

std::optional<TakenAsItIs> take_as_it_is(const ColorPicture& picture) {
  auto pixels = grey_digit_pixels(picture);
  if (!pixels) return std::nullopt;
  Plane grey(kSide, kSide);
  for (std::size_t i = 0; i < grey.values.size(); ++i) grey.values[i] = picture.rgba[4 * i];
  const float top = *std::max_element(grey.values.begin(), grey.values.end());
  const float ground = quantile(grey.values, 0.3);
  if (top == 0 || mean_of_rim(grey) > 127 || ground > 0.5F * top) return std::nullopt;

  // What is clearly ink, since an attack may have left a little on every pixel.
  const float clearly = 0.35F * top;
  const Extent ink = extent(grey, clearly);
  constexpr double kOffCentre = 3.3;
  const auto placed_within = [&](const Extent& e, int least, int most, double off_centre) {
    return e.longest() >= least && e.longest() <= most && e.off_centre() <= off_centre;
  };
  const bool placed =
      placed_within(ink, 16, 22, kOffCentre) ||
      placed_within(extent(grey, 0), 19, 20, 1);  // exactly MNIST's, all ink counted
  constexpr float kFaint = 128;
  if (top < kFaint && !placed) return std::nullopt;
  if (!placed && !has_lone_pixels(grey, clearly)) return std::nullopt;
  TakenAsItIs taken{std::move(*pixels), top < kFaint};
  for (std::size_t i = 0; taken.brightened && i < taken.pixels.size(); ++i) {
    taken.pixels[i] = static_cast<float>(static_cast<double>(grey.values[i]) / top);
  }
  return taken;
}

}  // namespace inoculate
