#include "picture/channels.h"

#include <cmath>
#include <cstdint>

namespace inoculate {
namespace {

using Color = std::array<float, 3>;

// Twice the number of pixels that are looked at to choose a ground.
constexpr std::size_t kLooks = 1 << 16;

struct Ground {
  bool needed = false;  // whether any pixel lets it through
  Color color{};
};

// What lies behind the transparent pixels.
Ground choose_ground(const ColorPicture& picture) {
  const std::size_t pixels = picture.rgba.size() / 4;
  Ground ground;
  for (std::size_t i = 0; i < pixels && !ground.needed; ++i) {
    ground.needed = picture.rgba[4 * i + 3] != 255;
  }
  if (!ground.needed) return ground;
  const std::size_t step = 1 + pixels / kLooks;
  std::array<std::vector<float>, 3> opaque;
  std::vector<float> brightness;
  for (std::size_t i = 0; i < pixels; i += step) {
    const std::uint8_t* const p = picture.rgba.data() + 4 * i;
    if (p[3] < 128) continue;
    for (std::size_t c = 0; c < 3; ++c) opaque[c].push_back(p[c]);
    brightness.push_back(static_cast<float>(p[0] + p[1] + p[2]) / 3);
  }
  const float middle = quantile(brightness, 0.5);
  const float spread = quantile(brightness, 0.98) - quantile(brightness, 0.02);
  constexpr float kInkAndPaper = 70;
  const bool mostly_opaque = brightness.size() * step > pixels / 2;
  if (mostly_opaque && spread > kInkAndPaper) {
    for (std::size_t c = 0; c < 3; ++c) ground.color[c] = quantile(opaque[c], 0.5);
  } else if (!brightness.empty() && middle < 128) {
    ground.color = {255, 255, 255};
  }
  return ground;
}

// One channel laid on the ground.
Plane channel(const ColorPicture& picture, std::size_t c, const Ground& ground) {
  Plane plane(picture.width, picture.height);
  const std::uint8_t* p = picture.rgba.data();
  for (float& value : plane.values) {
    const auto alpha = static_cast<float>(p[3]);
    value = (alpha * static_cast<float>(p[c]) + (255 - alpha) * ground.color[c]) / 255;
    p += 4;
  }
  return plane;
}

}  // namespace

Channels reduce(const ColorPicture& picture, int longest) {
  const Ground ground = choose_ground(picture);
  const int side = std::max(picture.width, picture.height);
  const auto reduced = [&](int size) {
    if (side <= longest) return size;
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(size) * longest / side)));
  };
  Channels out;
  for (std::size_t c = 0; c < 3; ++c) {
    out[c] = channel(picture, c, ground);
    if (side > longest) out[c] = resize(out[c], reduced(picture.width), reduced(picture.height));
  }
  return out;
}

bool is_grey(const ColorPicture& picture) {
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    const std::uint8_t* const p = picture.rgba.data() + i;
    if (p[0] != p[1] || p[1] != p[2] || p[3] != 255) return false;
  }
  return true;
}

Channels crop(const Channels& channels, const Box& box) {
  return {crop(channels[0], box), crop(channels[1], box), crop(channels[2], box)};
}

}  // namespace inoculate
