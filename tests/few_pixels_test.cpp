// Attacks on a few pixels, and on those under a patch.
#include "attack/few_pixels.h"

#include <algorithm>
#include <cmath>

#include "attack/patch.h"
#include "attack/stored.h"
#include "base/error.h"
#include "catch.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

const Shape kShape{7, 6, 2};

struct Scene {
  Network network = random_network(tiny_network(0));
  NetworkClassifier model{network};
  Matrix images = as_stored(RandomData(5).images(8, kShape.size()));
  Labels labels = most_likely(model.logits(images));

  AttackTask task() const {
    return {model, images, labels, {Norm::kL0, HUGE_VALF, ValueRange{}}, {}};
  }
};

/// 1 for each pixel of which any channel differs.
std::vector<char> changed_pixels(const Matrix& x, const Matrix& images, Eigen::Index row) {
  std::vector<char> changed;
  for (int p = 0; p < kShape.h * kShape.w; ++p) {
    changed.push_back(x(row, 2 * p) != images(row, 2 * p) ||
                      x(row, 2 * p + 1) != images(row, 2 * p + 1));
  }
  return changed;
}

}  // namespace

TEST_CASE("no more pixels change than may, and they hold as a picture") {
  const Scene scene;
  int fooled_by_one = 0;
  for (const int pixels : {1, 3}) {
    FewPixelsOptions options;
    options.pixels = pixels;
    options.queries = 600;
    Rng rng(1);
    const AttackResult result = few_pixels(scene.task(), options, rng);
    CHECK(as_stored(result.adversaries) == result.adversaries);
    for (Eigen::Index i = 0; i < scene.images.rows(); ++i) {
      const auto changed = changed_pixels(result.adversaries, scene.images, i);
      CHECK(std::count(changed.begin(), changed.end(), 1) <= pixels);
      CHECK(result.calls[static_cast<std::size_t>(i)].forward <= 600);
    }
    if (pixels == 1) fooled_by_one = result.successes();
    CHECK(result.successes() >= fooled_by_one);
  }
  CHECK(fooled_by_one > 0);
}

TEST_CASE("evolution comes nearer to success than as many random pixels do") {
  const Scene scene;
  FewPixelsOptions random, evolved;
  random.pixels = evolved.pixels = 3;
  random.queries = evolved.queries = 801;
  random.population = 800;  // but a tenth of the queries at most: so ten generations
  evolved.population = 40;
  Rng a(1), b(1);
  CHECK(few_pixels(scene.task(), evolved, b).successes() >=
        few_pixels(scene.task(), random, a).successes());
}

TEST_CASE("a patch has the side that its share of the area gives") {
  CHECK(patch_side(1, {28, 28, 1}) == 28);
  CHECK(patch_side(0.25F, {28, 28, 1}) == 14);
  CHECK(patch_side(0.1F, {224, 224, 3}) == 71);  // 70.8
  CHECK(patch_side(1, {7, 6, 2}) == 6);
  CHECK(patch_side(1e-6F, {7, 6, 2}) == 1);
}

TEST_CASE("a patch is the same picture everywhere, and changes nothing but what it covers") {
  const Scene scene;
  for (const bool fixed : {false, true}) {
    PatchOptions options;
    options.size = 0.2F;
    options.steps = 30;
    if (fixed) options.at = Place{2, 1};
    Rng rng(1);
    const AttackResult result = patch(scene.task(), options, rng);
    const Shape shape = result.pattern_shape;
    CHECK(shape == Shape{3, 3, 2});  // 0.2 * 42 pixels are 2.9 squared
    CHECK(result.pattern.cols() == shape.size());
    CHECK(result.pattern.minCoeff() >= 0);
    CHECK(result.pattern.maxCoeff() <= 1);
    CHECK(as_stored(result.pattern) == result.pattern);
    for (Eigen::Index i = 0; i < scene.images.rows(); ++i) {
      // At some place the image with the patch is the adversary, value by value.
      int matches = 0;
      for (int row = 0; row <= kShape.h - 3; ++row) {
        for (int column = 0; column <= kShape.w - 3; ++column) {
          if (fixed && (row != 2 || column != 1)) continue;
          Matrix x = scene.images.row(i);
          for (int y = 0; y < 3; ++y) {
            for (int j = 0; j < 6; ++j) {
              x(0, ((row + y) * kShape.w + column) * 2 + j) = result.pattern(0, y * 6 + j);
            }
          }
          matches += x.row(0) == result.adversaries.row(i);
        }
      }
      CHECK(matches == 1);
    }
  }
}

TEST_CASE("a learnt patch fools more images than a grey one, and goes for a target") {
  const Scene scene;
  const auto fooled = [&](int steps, std::optional<int> target) {
    PatchOptions options;
    options.size = 0.4F;
    options.steps = steps;
    AttackTask task = scene.task();
    task.criterion.target = target;
    Rng rng(1);
    return patch(task, options, rng).successes();
  };
  CHECK(fooled(100, {}) > fooled(1, {}));
  const int target = (scene.labels[0] + 1) % 10;
  CHECK(fooled(100, target) > fooled(1, target));
}

TEST_CASE("a patch that does not lie within the image is refused") {
  const Scene scene;
  PatchOptions options;
  options.size = 0.2F;
  options.at = Place{5, 0};
  Rng rng(1);
  const std::string told = refusal_of([&] { patch(scene.task(), options, rng); });
  CHECK(told == "a patch of 3x3 at row 5, column 0 does not lie within images of 7x6");
}
