// What the standard network reads of pictures as people have them: 200 digits a condition, none of
// which it was trained on, each in a size, a place and with noise of its own.
#include <numeric>

#include "attack/registry.h"
#include "digit_pages.h"
#include "model/network_classifier.h"
#include "paths.h"

using namespace inoculate;

namespace {

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

}  // namespace

TEST_CASE("pictures as people have them are read", "[picture]") {
  for (const Condition& condition : conditions()) {
    DYNAMIC_SECTION(condition.name) {
      check_condition(condition.least, [&](const std::uint8_t* pixels, unsigned seed) {
        Page page = condition.page(pixels, seed);
        return prepare_picture(paint(page, condition.paint), "t");
      });
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
  const std::string base = in_sample("/sample-");
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
  const Network& network = standard_network();
  const Dataset digits = some_digits();
  std::vector<std::int32_t> every(kDigits);
  std::iota(every.begin(), every.end(), 0);
  Matrix clean;
  Labels labels;
  gather(digits, every, clean, labels);
  const NetworkClassifier model(network);
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
      const AttackTask task{model, clean, labels, threat, {}};
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
