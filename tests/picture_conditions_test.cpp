// What the standard network reads of pictures as people have them: 200 digits a condition, none of
// which it was trained on, each in a size, a place and with noise of its own.
#include <array>
#include <cmath>
#include <functional>
#include <numbers>
#include <numeric>

#include "attack/registry.h"
#include "base/error.h"
#include "catch.h"
#include "data/dataset.h"
#include "golden_files.h"
#include "nn/inference.h"
#include "picture/prepare.h"
#include "random_data.h"
#include "train/model_file.h"

using namespace inoculate;

namespace {

// The sanitizers look for errors of memory, and take ten times as long: some digits of each
// condition are enough for them, too few to judge a share by. The other builds judge it.
#ifdef INOCULATE_SANITIZED
constexpr int kDigits = 20;
constexpr bool kJudged = false;
#else
constexpr int kDigits = 200;
constexpr bool kJudged = true;
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

ColorPicture paint(Page& page, const Paint& color) {
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

double mix(double ground, double ink, double amount) { return ground + (ink - ground) * amount; }
Color grey(double value) { return {value, value, value}; }

// Two colours.
Paint in(Color ground, Color ink) {
  return [=](Page& page, int x, int y) {
    const double amount = page.at(x, y);
    return Color{mix(ground[0], ink[0], amount), mix(ground[1], ink[1], amount),
                 mix(ground[2], ink[2], amount)};
  };
}
Paint in(double ground, double ink) { return in(grey(ground), grey(ink)); }

double normal(RandomData& random) {
  const double u = static_cast<double>(random.number(1e-6F, 1.0F)),
               v = static_cast<double>(random.number(0.0F, 1.0F));
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

Paint noisy(Paint paint, double deviation) {
  return [=](Page& page, int x, int y) {
    Color color = paint(page, x, y);
    const double noise = deviation * normal(page.random);
    for (double& value : color) value += noise;
    return color;
  };
}

// Light that falls to `least` along a line across the page.
Paint shaded(Paint paint, double least, double angle) {
  return [=](Page& page, int x, int y) {
    const double u = (x + 0.5) / page.width - 0.5, v = (y + 0.5) / page.height - 0.5;
    const double along = 0.5 + (u * std::cos(angle) + v * std::sin(angle)) / 1.42;
    Color color = paint(page, x, y);
    for (double& value : color) value *= mix(1, least, along);
    return color;
  };
}

Paint framed(Paint paint, double share) {
  return [=](Page& page, int x, int y) {
    const int thick = 1 + static_cast<int>(share * page.width);
    const bool frame = std::min({x, y, page.width - 1 - x, page.height - 1 - y}) < thick;
    return frame ? grey(5) : paint(page, x, y);
  };
}

// The digit `pixels` enlarged to `scale` times its size and laid in a page, linearly interpolated.
Page lay(const std::uint8_t* pixels, int width, int height, double scale, double left, double top,
         unsigned seed) {
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
Page large_page(const std::uint8_t* pixels, unsigned seed) {
  RandomData random(seed);
  const double scale = static_cast<double>(random.number(3.0F, 10.0F));
  const int width = static_cast<int>(scale * 28 * static_cast<double>(random.number(1.0F, 1.8F)));
  const int height = static_cast<int>(scale * 28 * static_cast<double>(random.number(1.0F, 1.8F)));
  const double left = (width - 28 * scale) * static_cast<double>(random.number(0.0F, 1.0F));
  const double top = (height - 28 * scale) * static_cast<double>(random.number(0.0F, 1.0F));
  return lay(pixels, width, height, scale, left, top, seed + 1);
}

Page as_it_is(const std::uint8_t* pixels, unsigned seed) {
  return lay(pixels, 28, 28, 1, 0, 0, seed);
}

// In a corner of 28 x 28: the ink's box touches two edges.
Page in_corner(const std::uint8_t* pixels, unsigned seed) {
  int left = 28, right = 0, top = 28, bottom = 0;
  for (int i = 0; i < 784; ++i) {
    if (pixels[i] == 0) continue;
    left = std::min(left, i % 28);
    right = std::max(right, i % 28);
    top = std::min(top, i / 28);
    bottom = std::max(bottom, i / 28);
  }
  return lay(pixels, 28, 28, 1, seed % 2 == 0 ? -left : 27 - right,
             seed / 2 % 2 == 0 ? -top : 27 - bottom, seed);
}

// At half of its size: four pixels are averaged.
Page small(const std::uint8_t* pixels, unsigned seed) {
  Page page = lay(pixels, 56, 56, 1, 14, 14, seed);
  Page half{28, 28, {}, page.random};
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      half.ink.push_back((page.at(2 * x, 2 * y) + page.at(2 * x + 1, 2 * y) +
                          page.at(2 * x, 2 * y + 1) + page.at(2 * x + 1, 2 * y + 1)) /
                         4);
    }
  }
  return half;
}

struct Condition {
  const char* name;
  double least;  // accuracy, in per cent
  Page (*page)(const std::uint8_t*, unsigned);
  Paint paint;
};

std::vector<Condition> conditions() {
  return {
      {"plain MNIST", 97, as_it_is, in(0, 255)},
      {"black on white", 95, large_page, in(255, 0)},
      {"ink 45 on paper 222", 95, large_page, in(222, 45)},
      {"ink 50 on paper 190", 95, large_page, in(190, 50)},
      {"ink 0 on paper 120", 95, large_page, in(120, 0)},
      {"white on 110", 95, large_page, in(110, 255)},
      {"white on a dark board", 95, large_page, in(40, 255)},
      {"paper 215 with noise", 93, large_page, noisy(in(215, 40), 10)},
      {"chalk on a green board", 95, large_page, in({20, 90, 45}, {235, 240, 230})},
      {"yellow on white", 95, large_page, in({255, 255, 255}, {250, 235, 60})},
      {"red on green of the same grey", 95, large_page, in({40, 130, 40}, {210, 50, 40})},
      {"light that falls off to 0.5", 90, large_page, shaded(in(240, 40), 0.5, 0.0)},
      {"light that falls off to 0.4, aslant", 90, large_page, shaded(in(250, 30), 0.4, 0.7)},
      {"light that falls off, with noise", 90, large_page, noisy(shaded(in(230, 40), 0.5, 2), 5)},
      {"a board under light that falls off", 90, large_page, shaded(in(90, 250), 0.5, 1.0)},
      {"black frame, thin", 93, large_page, framed(in(255, 0), 0)},
      {"black frame, thick", 93, large_page, framed(in(225, 30), 0.04)},
      {"faint 28 x 28", 95, as_it_is, in(0, 60)},
      {"28 x 28 dark on white", 95, as_it_is, in(255, 0)},
      {"28 x 28 in a corner", 95, in_corner, in(0, 255)},
      {"28 x 28 small", 90, small, in(0, 255)},
  };
}

Dataset some_digits() {
  const std::string base = INOCULATE_SAMPLE_DIR "/t10k-";
  const Dataset all = make_dataset(read_whole_file(base + "images-idx3-ubyte"), "images",
                                   read_whole_file(base + "labels-idx1-ubyte"), "labels");
  return slice(all, 0, kDigits);
}

}  // namespace

TEST_CASE("pictures as people have them are read", "[picture]") {
  static const Network network = network_of(
      parse_safetensors(read_whole_file(INOCULATE_SOURCE_DIR "/assets/standard.safetensors"),
                        "standard"),
      "standard");
  static const Dataset digits = some_digits();
  for (const Condition& condition : conditions()) {
    DYNAMIC_SECTION(condition.name) {
      Matrix images(kDigits, 784);
      int refused = 0;
      for (int i = 0; i < kDigits; ++i) {
        Page page =
            condition.page(digits.pixels.data() + 784 * i, static_cast<unsigned>(7 * i + 1));
        images.row(i).setZero();
        try {
          const auto pixels = prepare_picture(paint(page, condition.paint), "t").pixels;
          std::copy(pixels.begin(), pixels.end(), images.row(i).data());
        } catch (const Error&) {
          ++refused;
        }
      }
      const Labels read = most_likely(predict_logits(network, images));
      int right = 0;
      for (std::size_t i = 0; i < read.size(); ++i) right += read[i] == digits.labels[i];
      INFO(right << " of " << kDigits << " right, " << refused << " refused");
      if (kJudged) CHECK(100.0 * right / kDigits >= condition.least);
    }
  }
}

namespace {

std::string refusal(const ColorPicture& picture) {
  try {
    return "accepted: " + prepare_picture(picture, "x.png").how;
  } catch (const Error& error) {
    return error.what();
  }
}

ColorPicture plain(int width, int height, std::array<std::uint8_t, 4> color) {
  ColorPicture picture{width, height, {}};
  for (int i = 0; i < width * height; ++i) {
    picture.rgba.insert(picture.rgba.end(), color.begin(), color.end());
  }
  return picture;
}

}  // namespace

TEST_CASE("a picture without a digit is refused", "[picture]") {
  for (const auto& [width, height] : {std::pair{28, 28}, {280, 200}, {1, 1}, {3, 700}, {40, 1}}) {
    INFO(width << " x " << height);
    for (const std::uint8_t value : std::array<std::uint8_t, 4>{0, 40, 128, 255}) {
      CHECK(refusal(plain(width, height, {value, value, value, 255})).find("no digit") !=
            std::string::npos);
    }
    CHECK(refusal(plain(width, height, {0, 0, 0, 0})).find("no digit") != std::string::npos);
    CHECK(refusal(plain(width, height, {0, 90, 30, 255})).find("no digit") != std::string::npos);
  }
  for (unsigned seed = 0; seed < 20; ++seed) {
    INFO("noise " << seed);
    const int side = seed % 2 == 0 ? 28 : 150 + static_cast<int>(10 * seed);
    Page page = lay(std::vector<std::uint8_t>(784).data(), side, side, 1, 0, 0, seed);
    const double ground = seed % 4 < 2 ? 220 : 120, deviation = 2.0 + seed % 5 * 4;
    CHECK(refusal(paint(page, noisy(in(ground, 0), deviation))).find("no digit") !=
          std::string::npos);
  }
  CHECK(refusal({2, 2, {1, 2, 3}}).find("whole picture") != std::string::npos);
  CHECK(refusal({-2, -2, {}}).find("whole picture") != std::string::npos);
}

TEST_CASE("MNIST's own images are left as they are", "[picture]") {
  const std::string base = INOCULATE_SAMPLE_DIR "/sample-";
  static const Dataset all = make_dataset(read_whole_file(base + "images-idx3-ubyte"), "images",
                                          read_whole_file(base + "labels-idx1-ubyte"), "labels");
  int changed = 0;
  for (int i = 0; i < all.size(); ++i) {
    ColorPicture picture{28, 28, {}};
    for (int p = 0; p < 784; ++p) {
      const std::uint8_t value = all.pixels[static_cast<std::size_t>(784 * i + p)];
      for (const std::uint8_t channel : {value, value, value, std::uint8_t{255}}) {
        picture.rgba.push_back(channel);
      }
    }
    bool same = false;
    try {
      const auto pixels = prepare_picture(picture, "x").pixels;
      same = true;
      for (std::size_t p = 0; p < 784; ++p) {
        same &= pixels[p] == static_cast<float>(picture.rgba[4 * p] / 255.0);
      }
    } catch (const Error&) {
    }
    if (!same) UNSCOPED_INFO("image " << i);
    changed += !same;
  }
  CHECK(changed == 0);
}

TEST_CASE("an adversary written with 8 bits a pixel comes back as it was", "[picture]") {
  static const Network network = network_of(
      parse_safetensors(read_whole_file(INOCULATE_SOURCE_DIR "/assets/standard.safetensors"),
                        "standard"),
      "standard");
  const Dataset digits = some_digits();
  std::vector<std::int32_t> every(kDigits);
  std::iota(every.begin(), every.end(), 0);
  Matrix clean;
  Labels labels;
  gather(digits, every, clean, labels);
  const FrozenNetwork frozen(network, FrozenNetwork::For::kGradients);
  struct Made {
    const char* attack;
    float epsilon;
  };
  for (const auto& [name, epsilon] : {Made{"fgsm", 0.01F},
                                      {"fgsm", 0.1F},
                                      {"fgsm", 0.3F},
                                      {"fgsm", 0.5F},
                                      {"pgd", 0.3F},
                                      {"jsma", 1},
                                      {"deepfool", 1},
                                      {"uniform-noise", 0.3F},
                                      {"uniform-noise", 0.6F},
                                      {"square", 0.3F}}) {
    DYNAMIC_SECTION(name << " " << epsilon) {
      const AttackMethod& method = *find_attack(name);
      ThreatModel threat;
      threat.norm = method.norms.front();
      threat.epsilon = epsilon;
      AttackOptions options;
      options.queries = 100;
      const AttackTask task{frozen, clean, labels, threat, {}};
      Rng rng(1);
      const Matrix made = method.run(task, options, rng, {}).adversaries;
      int changed = 0;
      for (Eigen::Index i = 0; i < made.rows(); ++i) {
        ColorPicture picture{28, 28, {}};
        for (int p = 0; p < 784; ++p) {
          const auto value = static_cast<std::uint8_t>(std::lround(255 * made(i, p)));
          for (const std::uint8_t c : {value, value, value, std::uint8_t{255}}) {
            picture.rgba.push_back(c);
          }
        }
        const auto pixels = prepare_picture(picture, "x").pixels;
        bool same = true;
        for (std::size_t p = 0; p < 784; ++p) {
          same &= pixels[p] == static_cast<float>(picture.rgba[4 * p] / 255.0);
        }
        if (!same) UNSCOPED_INFO("image " << i);
        changed += !same;
      }
      CHECK(changed == 0);
    }
  }
}
