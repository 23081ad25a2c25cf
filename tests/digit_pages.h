// Digits drawn into pictures as people have them: pages of any size, colours, light and faults.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <optional>

#include "base/error.h"
#include "catch.h"
#include "data/dataset.h"
#include "golden_files.h"
#include "model/network_classifier.h"
#include "paths.h"
#include "picture/prepare.h"
#include "random_data.h"
#include "train/model_file.h"

namespace inoculate {

// Some digits of each condition, too few to judge a share by, are enough for the sanitizers, which
// look for errors of memory and take ten times as long, and for WebAssembly, which computes what
// the native build computes and takes twice as long. That one judges the share.
#if defined(INOCULATE_SANITIZED) || defined(__EMSCRIPTEN__)
inline constexpr int kDigits = 20;
inline constexpr bool kJudged = false;
#else
inline constexpr int kDigits = 200;
inline constexpr bool kJudged = true;
#endif

using Color = std::array<double, 3>;

// Ink (0..1) of a digit on a page, and random numbers of its own.
struct Page {
  int width, height;
  std::vector<double> ink;
  RandomData random;

  double at(int x, int y) const { return ink[static_cast<std::size_t>(y * width + x)]; }
};

// Everything of a picture but its digit: the colour of each pixel from its ink and place.
using Paint = std::function<Color(Page& page, int x, int y)>;

inline ColorPicture paint(Page& page, const Paint& color) {
  ColorPicture picture{page.width, page.height, {}};
  for (int y = 0; y < page.height; ++y) {
    for (int x = 0; x < page.width; ++x) {
      for (const double value : color(page, x, y)) {
        picture.rgba.push_back(
            static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 255.0))));
      }
      picture.rgba.push_back(255);
    }
  }
  return picture;
}

inline double mix(double ground, double ink, double amount) {
  return ground + (ink - ground) * amount;
}
inline Color grey(double value) { return {value, value, value}; }

// Two colours.
inline Paint in(Color ground, Color ink) {
  return [=](Page& page, int x, int y) {
    const double amount = page.at(x, y);
    return Color{mix(ground[0], ink[0], amount), mix(ground[1], ink[1], amount),
                 mix(ground[2], ink[2], amount)};
  };
}
inline Paint in(double ground, double ink) { return in(grey(ground), grey(ink)); }

inline double normal(RandomData& random) {
  const double u = static_cast<double>(random.number(1e-6F, 1.0F)),
               v = static_cast<double>(random.number(0.0F, 1.0F));
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

inline Paint noisy(Paint paint, double deviation) {
  return [=](Page& page, int x, int y) {
    Color color = paint(page, x, y);
    const double noise = deviation * normal(page.random);
    for (double& value : color) value += noise;
    return color;
  };
}

// Light that falls to `least` along a line across the page.
inline Paint shaded(Paint paint, double least, double angle) {
  return [=](Page& page, int x, int y) {
    const double u = (x + 0.5) / page.width - 0.5, v = (y + 0.5) / page.height - 0.5;
    const double along = 0.5 + (u * std::cos(angle) + v * std::sin(angle)) / 1.42;
    Color color = paint(page, x, y);
    for (double& value : color) value *= mix(1, least, along);
    return color;
  };
}

inline Paint framed(Paint paint, double share) {
  return [=](Page& page, int x, int y) {
    const int thick = 1 + static_cast<int>(share * page.width);
    const bool frame = std::min({x, y, page.width - 1 - x, page.height - 1 - y}) < thick;
    return frame ? grey(5) : paint(page, x, y);
  };
}

// The digit `pixels` enlarged to `scale` times its size and laid in a page, linearly interpolated.
inline Page lay(const std::uint8_t* pixels, int width, int height, double scale, double left,
                double top, unsigned seed) {
  Page page{width, height, {}, RandomData(seed)};
  const auto pixel = [&](int x, int y) {
    return x < 0 || y < 0 || x > 27 || y > 27 ? 0.0 : pixels[28 * y + x] / 255.0;
  };
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double u = (x + 0.5 - left) / scale - 0.5, v = (y + 0.5 - top) / scale - 0.5;
      const int i = static_cast<int>(std::floor(u)), j = static_cast<int>(std::floor(v));
      const double across = u - i, down = v - j;
      page.ink.push_back(mix(mix(pixel(i, j), pixel(i + 1, j), across),
                             mix(pixel(i, j + 1), pixel(i + 1, j + 1), across), down));
    }
  }
  return page;
}

// The digit on a large page: its size and place differ from digit to digit.
inline Page large_page(const std::uint8_t* pixels, unsigned seed) {
  RandomData random(seed);
  const double scale = static_cast<double>(random.number(3.0F, 10.0F));
  const int width = static_cast<int>(scale * 28 * static_cast<double>(random.number(1.0F, 1.8F)));
  const int height = static_cast<int>(scale * 28 * static_cast<double>(random.number(1.0F, 1.8F)));
  const double left = (width - 28 * scale) * static_cast<double>(random.number(0.0F, 1.0F));
  const double top = (height - 28 * scale) * static_cast<double>(random.number(0.0F, 1.0F));
  return lay(pixels, width, height, scale, left, top, seed + 1);
}

/// The first test images: no network of ours was trained on them.
inline Dataset some_digits() {
  const std::string base = in_sample("/t10k-");
  const Dataset all = make_dataset(read_whole_file(base + "images-idx3-ubyte"), "images",
                                   read_whole_file(base + "labels-idx1-ubyte"), "labels");
  return slice(all, 0, kDigits);
}

/// The network that the page comes with.
inline const Network& standard_network() {
  static const Network network = network_of(
      parse_safetensors(read_whole_file(in_source("/assets/standard.safetensors")), "standard"),
      "standard");
  return network;
}

/// Checks that at least `least` per cent of the first `count` digits are read rightly from the
/// pictures that `prepare` makes of a digit's 784 pixels and a seed, and reads; an Error counts as
/// a miss.
inline void check_condition(
    double least, const std::function<PreparedDigit(const std::uint8_t*, unsigned)>& prepare,
    int count = kDigits) {
  static const Dataset digits = some_digits();
  Matrix images(count, 784);
  int refused = 0;
  for (int i = 0; i < count; ++i) {
    images.row(i).setZero();
    try {
      const auto pixels =
          prepare(digits.pixels.data() + 784 * i, static_cast<unsigned>(7 * i + 1)).pixels;
      std::copy(pixels.begin(), pixels.end(), images.row(i).data());
    } catch (const Error&) {
      ++refused;
    }
  }
  const Labels read = most_likely(NetworkClassifier(standard_network()).logits(images));
  int right = 0;
  for (std::size_t i = 0; i < read.size(); ++i) right += read[i] == digits.labels[i];
  INFO(right << " of " << count << " right, " << refused << " refused");
  if (kJudged) CHECK(100.0 * right / count >= least);
}

}  // namespace inoculate
