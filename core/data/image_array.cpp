#include "data/image_array.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>

#include "base/error.h"

namespace inoculate {
namespace {

// How far a pixel may lie outside of 0..1 by the rounding of whoever computed it.
constexpr float kRounding = 1e-6F;

using Extents = std::vector<std::int64_t>;

std::string text_of(const Extents& shape, const std::string& before = "") {
  std::string text = "[" + before;
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

// How the images of an array lie: how many there are, and whether their channels come first.
struct Layout {
  std::int64_t count = 0;
  bool channels_first = false;
};

// Their number, if the array holds images of these extents: 1 if it is one image by itself.
std::optional<std::int64_t> count_of(const Extents& array, const Extents& image) {
  if (array == image) return 1;
  if (array.size() != image.size() + 1) return std::nullopt;
  if (!std::equal(image.begin(), image.end(), array.begin() + 1)) return std::nullopt;
  return array[0];
}

// For numbers without rows and columns: grey images of as many pixels will do.
std::optional<std::int64_t> count_of_flat(const Extents& array, std::int64_t size) {
  if (const auto count = count_of(array, {size})) return count;
  Extents grey = array;
  if (grey.size() == 4 && grey[3] == 1) grey.pop_back();
  if (grey.size() == 4 && grey[1] == 1) grey.erase(grey.begin() + 1);
  const auto is_image = [&](std::size_t at) {
    return grey[at] > 0 && grey[at] <= size && grey[at + 1] <= size &&
           grey[at] * grey[at + 1] == size;
  };
  if (grey.size() == 3 && is_image(1)) return grey[0];
  if (grey.size() == 2 && is_image(0)) return 1;
  return std::nullopt;
}

std::string wanted_shapes(Shape shape) {
  if (shape.h * shape.w == 1) return text_of(Extents{shape.c}, "N, ");
  const Extents last{shape.h, shape.w, shape.c}, first{shape.c, shape.h, shape.w};
  return (shape.c == 1 ? text_of(Extents{shape.h, shape.w}, "N, ") + ", " : "") +
         text_of(last, "N, ") + " or " + text_of(first, "N, ");
}

Layout layout_of(const NpyArray& array, Shape shape) {
  const Extents& is = array.shape;
  std::optional<std::int64_t> last = count_of(is, {shape.h, shape.w, shape.c});
  std::optional<std::int64_t> first = count_of(is, {shape.c, shape.h, shape.w});
  if (shape.c == 1) {  // whatever the order, the pixels lie alike
    if (!last) last = count_of(is, {shape.h, shape.w});
    if (!last) last = std::exchange(first, std::nullopt);
  } else if (shape.h * shape.w == 1) {
    last = count_of_flat(is, shape.c);
    first = std::nullopt;
  } else if (last && first) {
    throw Error(array.name + ": is of the shape " + text_of(is) +
                ", whose channels may come first or last; give the images as pictures");
  }
  const auto count = last ? last : first;
  if (!count) {
    throw Error(array.name + ": is of the shape " + text_of(is) + "; reshape it to " +
                wanted_shapes(shape));
  }
  if (*count == 0) throw Error(array.name + ": holds no images; write some");
  return {*count, !last};
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

// Fills the images with the pixels of an array, each through `pixel`.
template <typename Values, typename Pixel>
void fill(Matrix& images, const Values& values, const Layout& layout, Shape shape, Pixel pixel) {
  if (!layout.channels_first) {
    std::transform(values.begin(), values.end(), images.data(), pixel);
    return;
  }
  const Eigen::Index positions = Eigen::Index{shape.h} * shape.w;
  auto value = values.begin();
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    for (int c = 0; c < shape.c; ++c) {
      for (Eigen::Index p = 0; p < positions; ++p) images(i, p * shape.c + c) = pixel(*value++);
    }
  }
}

}  // namespace

Matrix images_of(const NpyArray& array, Shape shape) {
  const Layout layout = layout_of(array, shape);
  Matrix images(static_cast<Eigen::Index>(layout.count), shape.size());
  if (const auto* bytes = std::get_if<std::vector<std::uint8_t>>(&array.values)) {
    fill(images, *bytes, layout, shape,
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
  fill(images, *pixels, layout, shape, [](float pixel) { return std::clamp(pixel, 0.0F, 1.0F); });
  return images;
}

}  // namespace inoculate
