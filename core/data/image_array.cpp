#include "data/image_array.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>

#include "base/error.h"

namespace inoculate {
namespace {

// How far a pixel may lie outside of 0..1 by the rounding of whoever computed it.
constexpr float kRounding = 1e-6F;

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

std::string text_of(float value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", static_cast<double>(value));
  return text;
}

/// N, if the array is of one of the shapes that images come in.
Eigen::Index count_images(const NpyArray& array, Shape shape) {
  const std::int64_t h = shape.h, w = shape.w, one = 1;
  const std::vector<std::int64_t>& is = array.shape;
  if (is == std::vector{h, w}) return 1;
  if (!is.empty() && (is == std::vector{is[0], h, w} || is == std::vector{is[0], h, w, one} ||
                      is == std::vector{is[0], one, h, w})) {
    if (is[0] == 0) throw Error(array.name + ": holds no images; write some");
    return static_cast<Eigen::Index>(is[0]);
  }
  const std::string side = std::to_string(h) + ", " + std::to_string(w);
  throw Error(array.name + ": is of the shape " + text_of(is) + "; reshape it to [N, " + side +
              "], [N, " + side + ", 1] or [N, 1, " + side + "]");
}

void check_pixels(const std::vector<float>& pixels, const std::string& name, std::size_t each) {
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    if (std::isfinite(pixels[i])) continue;
    throw Error(name + ": image number " + std::to_string(i / each) + " holds " +
                text_of(pixels[i]) + ", which is not a pixel; pixels are 0 to 1");
  }
  const auto [least, most] = std::minmax_element(pixels.begin(), pixels.end());
  if (*most > 2) {
    throw Error(name + ": its values reach " + text_of(*most) +
                ", and pixels as floats are 0 to 1; write it as uint8 or divide by 255");
  }
  if (*most > 1 + kRounding || *least < -kRounding) {
    throw Error(name + ": its values go from " + text_of(*least) + " to " + text_of(*most) +
                ", and pixels are 0 to 1; undo its normalisation or clip it");
  }
}

}  // namespace

Matrix images_of(const NpyArray& array, Shape shape) {
  assert(shape.c == 1);
  Matrix images(count_images(array, shape), shape.size());
  if (const auto* bytes = std::get_if<std::vector<std::uint8_t>>(&array.values)) {
    std::transform(bytes->begin(), bytes->end(), images.data(),
                   [](std::uint8_t level) { return static_cast<float>(level) / 255; });
    return images;
  }
  const auto* pixels = std::get_if<std::vector<float>>(&array.values);
  if (pixels == nullptr) {
    throw Error(array.name +
                ": holds integers that are not uint8; write its pixels as uint8 (0 to 255) or as "
                "float32 (0 to 1)");
  }
  check_pixels(*pixels, array.name, static_cast<std::size_t>(shape.size()));
  std::transform(pixels->begin(), pixels->end(), images.data(),
                 [](float pixel) { return std::clamp(pixel, 0.0F, 1.0F); });
  return images;
}

}  // namespace inoculate
