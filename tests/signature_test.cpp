// What every build must make of a few drawings: the same answers and the same adversaries.
//
// golden/make_signature.py says them, in NumPy and double precision.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "attack/fgsm.h"
#include "catch.h"
#include "golden_files.h"
#include "model/network_classifier.h"
#include "nn/softmax.h"
#include "nn/weights.h"

using namespace inoculate;

namespace {

using Point = std::pair<double, double>;
using Stroke = std::vector<Point>;

/// Half the width of a stroke, in pixels; its edge fades over one pixel.
constexpr double kRadius = 1.4;

/// Strokes as lines between points (x, y), in pixels from the top left corner.
std::vector<Stroke> strokes_of(int digit) {
  switch (digit) {
    case 7:
      return {{{8, 7}, {20, 7}, {12, 23}}};
    case 1:
      return {{{15, 5}, {13, 22}}};
    case 0:
      return {{{14, 5},
               {18, 7.5},
               {19.5, 14},
               {18, 20.5},
               {14, 23},
               {10, 20.5},
               {8.5, 14},
               {10, 7.5},
               {14, 5}}};
    default:
      return {{{9, 5}, {8.5, 14}, {19, 14}}, {{18, 6}, {16.5, 23}}};
  }
}

double distance(double x, double y, Point a, Point b) {
  const double dx = b.first - a.first, dy = b.second - a.second;
  const double along = ((x - a.first) * dx + (y - a.second) * dy) / (dx * dx + dy * dy);
  const double t = std::clamp(along, 0.0, 1.0);
  return std::hypot(x - (a.first + t * dx), y - (a.second + t * dy));
}

/// One byte a pixel: white where its middle is within the radius of a stroke, fading outwards.
std::vector<int> draw(const std::vector<Stroke>& strokes) {
  std::vector<int> pixels;
  for (int y = 0; y < 28; ++y) {
    for (int x = 0; x < 28; ++x) {
      double nearest = 100;
      for (const Stroke& stroke : strokes) {
        for (std::size_t i = 1; i < stroke.size(); ++i) {
          nearest = std::min(nearest, distance(x + 0.5, y + 0.5, stroke[i - 1], stroke[i]));
        }
      }
      const double value = 255 * std::clamp(0.5 + kRadius - nearest, 0.0, 1.0);
      pixels.push_back(static_cast<int>(std::floor(value + 0.5)));
    }
  }
  return pixels;
}

std::string joined(const nlohmann::json& lines) {
  std::string text;
  for (const auto& line : lines) text += line.get<std::string>();
  return text;
}

void check_probabilities(const Network& network, const Matrix& image,
                         const nlohmann::json& expected) {
  Matrix p = NetworkClassifier(network).logits(image);
  softmax(p.data(), p.data(), 1, 10);
  for (int k = 0; k < 10; ++k) {
    CAPTURE(k);
    CHECK(std::abs(static_cast<double>(p(0, k)) -
                   expected.at(static_cast<std::size_t>(k)).get<double>()) < 1e-5);
  }
}

}  // namespace

TEST_CASE("every build reads and attacks the same drawings alike") {
  Network network(simple_cnn());
  set_weights(network, golden_safetensors("keras_simple_cnn.safetensors").tensors, "golden");
  const auto signature = golden_json("signature.json");
  const auto epsilon = signature.at("epsilon").get<float>();
  REQUIRE(signature.at("drawings").size() == 4);
  for (const auto& expected : signature.at("drawings")) {
    const int digit = expected.at("digit").get<int>();
    CAPTURE(digit);

    const std::vector<int> pixels = draw(strokes_of(digit));
    const std::string hexadecimal = joined(expected.at("drawing"));
    REQUIRE(hexadecimal.size() == 2 * pixels.size());
    Matrix image(1, 784);
    int different = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      different += std::stoi(hexadecimal.substr(2 * i, 2), nullptr, 16) != pixels[i];
      image(0, static_cast<Eigen::Index>(i)) = static_cast<float>(pixels[i]) / 255.0F;
    }
    REQUIRE(different == 0);

    CHECK(most_likely(NetworkClassifier(network).logits(image)) == Labels{digit});
    check_probabilities(network, image, expected.at("probabilities"));

    const Labels label{digit};
    FgsmOptions options;
    options.threat.epsilon = epsilon;
    const Matrix adversary = fgsm(NetworkClassifier(network), image, label, options);
    check_probabilities(network, adversary, expected.at("adversary_probabilities"));
    CHECK(most_likely(NetworkClassifier(network).logits(adversary)) != label);

    options.threat.range.reset();
    const Matrix change = fgsm(NetworkClassifier(network), image, label, options) - image;
    std::string signs;
    for (Eigen::Index i = 0; i < change.size(); ++i) {
      signs += change(0, i) > 0 ? '+' : change(0, i) < 0 ? '-' : '0';
    }
    CHECK(signs == joined(expected.at("signs")));
  }
}
