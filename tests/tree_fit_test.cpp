// Growing decision trees: every question is the best there is by a naive look at all of them, and
// the tree is scikit-learn's.
#include <cmath>
#include <set>

#include "catch.h"
#include "data/idx.h"
#include "fit/decision_tree.h"
#include "fit/tree_split.h"
#include "golden_fits.h"
#include "random_data.h"
#include "refusal_of.h"
#include "threads.h"

using namespace inoculate;

namespace {

constexpr int kPixels = 5, kClasses = 3;

// N times Gini's impurity of some labels.
double impurity(const std::vector<std::int32_t>& labels) {
  double squares = 0;
  for (int k = 0; k < kClasses; ++k) {
    const auto count = static_cast<double>(std::count(labels.begin(), labels.end(), k));
    squares += count * count;
  }
  const auto n = static_cast<double>(labels.size());
  return n == 0 ? 0 : n - squares / n;
}

// What is left of it after the best question about these images.
double naive_best(const Matrix& images, const Labels& labels, const std::vector<std::int32_t>& rows,
                  std::size_t least) {
  double best = std::numeric_limits<double>::infinity();
  for (int feature = 0; feature < images.cols(); ++feature) {
    for (const std::int32_t at : rows) {
      std::vector<std::int32_t> left, right;
      for (const std::int32_t row : rows) {
        const bool goes_left = images(row, feature) <= images(at, feature);
        (goes_left ? left : right).push_back(labels[static_cast<std::size_t>(row)]);
      }
      if (left.size() < least || right.size() < least) continue;
      best = std::min(best, impurity(left) + impurity(right));
    }
  }
  return best;
}

// Few values of each pixel, so that there are ties.
Matrix coarse_images(RandomData& random, int n, int levels) {
  Matrix images(n, kPixels);
  for (Eigen::Index i = 0; i < images.size(); ++i) {
    images.data()[i] = static_cast<float>(random.below(levels)) / 8;
  }
  return images;
}

int leaves_of(const Tree& tree) { return static_cast<int>(tree.nodes.size() / 2 + 1); }

}  // namespace

TEST_CASE("tree_fit: no question is better than the one that is asked") {
  RandomData random(1);
  for (int round = 0; round < 60; ++round) {
    const int n = 2 + random.below(30);
    const bool fine = round % 3 == 0;
    const Matrix images =
        fine ? random.images(n, kPixels) : coarse_images(random, n, 1 + random.below(6));
    const Labels labels = random.labels(n, kClasses);
    std::vector<std::int32_t> rows;
    for (int i = 0; i < n; ++i) {
      if (random.below(4) > 0) rows.push_back(i);
    }
    if (rows.empty()) continue;
    const int least = 1 + random.below(4);
    const PixelRanks pixels = rank_pixels(images);
    const TreeSplit split = best_split(pixels, labels, kClasses, rows, least);
    const double expected = naive_best(images, labels, rows, static_cast<std::size_t>(least));
    CAPTURE(round, n, least);
    if (std::isinf(expected)) {
      CHECK(split.feature == -1);
      continue;
    }
    REQUIRE(split.feature >= 0);
    CHECK(static_cast<double>(rows.size()) - split.score == Approx(expected).margin(1e-9));
    std::vector<std::int32_t> left, right;
    for (const std::int32_t row : rows) {
      (pixels.of(split.feature)[row] <= split.rank ? left : right)
          .push_back(labels[static_cast<std::size_t>(row)]);
    }
    CHECK(left.size() >= static_cast<std::size_t>(least));
    CHECK(right.size() >= static_cast<std::size_t>(least));
    CHECK(impurity(left) + impurity(right) == Approx(expected).margin(1e-9));
  }
}

TEST_CASE("tree_fit: without bounds every training image is read rightly") {
  RandomData random(2);
  const Matrix images = random.images(300, kPixels);
  const Labels labels = random.labels(300, kClasses);
  const Tree tree = fit_tree(images, labels, {1, kPixels, 1}, kClasses, {});
  CHECK(most_likely(TreeClassifier(tree, "a.json").logits(images)) == labels);
  double images_of_leaves = 0;
  for (const double count : tree.counts) images_of_leaves += count;
  CHECK(images_of_leaves == 300);
}

TEST_CASE("tree_fit: images that are alike share a leaf, whatever their classes") {
  const Matrix images = Matrix::Constant(6, kPixels, 0.5F);
  const Tree tree = fit_tree(images, {0, 1, 1, 2, 1, 0}, {1, kPixels, 1}, kClasses, {});
  REQUIRE(tree.nodes.size() == 1);
  CHECK(tree.counts == std::vector<double>{2, 3, 1});
}

TEST_CASE("tree_fit: the bounds hold, and nothing depends on threads") {
  RandomData random(3);
  const Matrix images = coarse_images(random, 400, 8);
  const Labels labels = random.labels(400, kClasses);
  const auto fitted = [&](const TreeFitOptions& options) {
    return fit_tree(images, labels, {1, kPixels, 1}, kClasses, options);
  };
  CHECK(leaves_of(fitted({3, 0, 1})) <= 8);
  CHECK(leaves_of(fitted({0, 7, 1})) == 7);
  const Tree large = fitted({0, 0, 20});
  CHECK(leaves_of(large) > 5);
  for (std::size_t leaf = 0; leaf < large.counts.size(); leaf += kClasses) {
    CHECK(large.counts[leaf] + large.counts[leaf + 1] + large.counts[leaf + 2] >= 20);
  }
  const Tree once = fitted({});
  const WithThreads threads(3);
  const Tree again = fitted({});
  REQUIRE(once.nodes.size() == again.nodes.size());
  CHECK(once.counts == again.counts);
  for (std::size_t i = 0; i < once.nodes.size(); ++i) {
    CHECK(once.nodes[i].feature == again.nodes[i].feature);
    CHECK(once.nodes[i].threshold == again.nodes[i].threshold);
  }
}

TEST_CASE("tree_fit: trees are scikit-learn's, but for questions that are equally good") {
  const FitData data = fit_data();
  const struct {
    const char* name;
    TreeFitOptions options;
  } rows[] = {{"tree", {}}, {"shallow", {4, 0, 20}}, {"few_leaves", {0, 30, 1}}};
  for (const auto& row : rows) {
    INFO(row.name);
    const nlohmann::json expected = golden_json("fits/summary.json").at(row.name);
    const Tree tree = fit_tree(data.images, data.labels, {28, 28, 1}, 10, row.options);
    CHECK(tree.nodes[0].feature == expected.at("root").at(0).get<int>());
    CHECK(tree.nodes[0].threshold == Approx(expected.at("root").at(1).get<double>()));
    // Where bounds end it early, other choices of equally good questions leave other impurities.
    double left = 0;
    for (std::size_t leaf = 0; leaf < tree.counts.size(); leaf += 10) {
      double n = 0, squares = 0;
      for (std::size_t k = leaf; k < leaf + 10; ++k) {
        n += tree.counts[k];
        squares += tree.counts[k] * tree.counts[k];
      }
      left += (n - squares / n) / static_cast<double>(data.labels.size());
    }
    CHECK(left == Approx(expected.at("impurity").get<double>()).margin(0.01));
    if (row.options.leaves > 0) CHECK(leaves_of(tree) == expected.at("leaves").get<int>());
  }
}
