// Nearest neighbours: the same as a naive loop in double precision, as a file, and softened.
#include "model/neighbours.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "catch.h"
#include "compare.h"
#include "golden_fits.h"
#include "model/neighbours_file.h"
#include "model/soft_neighbours.h"
#include "random_data.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

double square_between(const Matrix& a, Eigen::Index i, const Matrix& b, Eigen::Index j) {
  return (a.row(i).cast<double>() - b.row(j).cast<double>()).squaredNorm();
}

std::vector<int> naive_nearest(const Neighbours& model, const Matrix& images, Eigen::Index image) {
  std::vector<int> order(model.labels.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
    return square_between(images, image, model.images, a) <
           square_between(images, image, model.images, b);
  });
  order.resize(static_cast<std::size_t>(model.k));
  return order;
}

Neighbours random_model(RandomData& random, int n, Shape input, int classes, int k) {
  return {input, classes, k, random.images(n, input.size()), random.labels(n, classes)};
}

// A class's logit by the definition.
double soft_logit(const Neighbours& model, const Eigen::RowVectorXd& image, int k,
                  double temperature) {
  double nearest = HUGE_VAL, sum = 0;
  std::vector<double> squares;
  for (std::size_t i = 0; i < model.labels.size(); ++i) {
    if (model.labels[i] != k) continue;
    squares.push_back(
        (image - model.images.row(static_cast<Eigen::Index>(i)).cast<double>()).squaredNorm());
    nearest = std::min(nearest, squares.back());
  }
  for (const double square : squares) sum += std::exp((nearest - square) / temperature);
  return std::log(sum) - nearest / temperature;
}

}  // namespace

TEST_CASE("neighbours: they are the nearest, of equally near ones the first") {
  RandomData random(1);
  for (int round = 0; round < 20; ++round) {
    const int n = 1 + random.below(200);
    Neighbours model = random_model(random, n, {2, 3, 2}, 4, 1 + random.below(std::min(n, 7)));
    if (round % 2 == 0) {  // many are alike
      model.images = (model.images * 1.9F).array().floor();
    }
    const NeighboursClassifier classifier(model, "a.safetensors");
    const Matrix images = round % 2 == 0 ? Matrix((random.images(40, 12) * 1.9F).array().floor())
                                         : random.images(40, 12);
    const auto found = classifier.nearest(images);
    const Matrix logits = classifier.logits(images);
    for (Eigen::Index i = 0; i < images.rows(); ++i) {
      const std::vector<int> expected = naive_nearest(model, images, i);
      CAPTURE(round, i);
      CHECK(found[static_cast<std::size_t>(i)] == expected);
      std::vector<double> votes(4);
      for (const int one : expected) {
        votes[static_cast<std::size_t>(model.labels[static_cast<std::size_t>(one)])] +=
            1.0 / model.k;
      }
      for (Eigen::Index k = 0; k < 4; ++k) {
        const double share = std::max(votes[static_cast<std::size_t>(k)], 1e-7);
        CHECK(static_cast<double>(logits(i, k)) == Approx(std::log(share)));
      }
      CHECK(classifier.logits(images.middleRows(i, 1)) == logits.middleRows(i, 1));
    }
  }
}

TEST_CASE("neighbours: readings are scikit-learn's") {
  FitData data = fit_data();
  const NeighboursClassifier model(
      {{28, 28, 1}, 10, 3, std::move(data.images), std::move(data.labels)}, "knn.safetensors");
  // scikit-learn chooses otherwise among neighbours that are equally near.
  CHECK(agreeing(most_likely(model.logits(golden_images(1000))), golden_readings("knn")) >= 999);
}

TEST_CASE("neighbours: a file gives the same model again") {
  RandomData random(2);
  for (const bool levels : {true, false}) {
    Neighbours model = random_model(random, 30, {3, 4, 1}, 5, 3);
    if (levels) {
      model.images =
          model.images.unaryExpr([](float pixel) { return std::round(255 * pixel) / 255; });
    }
    const Bytes file = write_neighbours(model, {{"fitted_by", "me"}});
    const Safetensors content = parse_safetensors(file, "a.safetensors");
    CHECK(content.metadata.at("fitted_by") == "me");
    REQUIRE(is_neighbours_file(content));
    const auto read = read_neighbours(content, "a.safetensors");
    CHECK(read->model().images == model.images);
    CHECK(read->model().labels == model.labels);
    CHECK(read->model().k == 3);
    CHECK(read->spec().classes == 5);
    CHECK(read->spec().input == Shape{3, 4, 1});
    const std::size_t a_pixel = levels ? 2 : 4;
    CHECK(file.size() < 30 * 12 * a_pixel + 1000);
  }
}

TEST_CASE("neighbours: files that hold something else are refused in words") {
  RandomData random(3);
  const Neighbours model = random_model(random, 6, {2, 2, 1}, 3, 2);
  const Safetensors good = parse_safetensors(write_neighbours(model, {}), "a");
  const auto refusal = [&](const std::function<void(Safetensors&)>& change) {
    Safetensors bad = good;
    change(bad);
    return refusal_of([&] { read_neighbours(bad, "a.safetensors"); });
  };
  const std::string says = "a.safetensors: says that it holds nearest neighbours, but ";
  CHECK(refusal([](Safetensors&) {}) == "accepted");
  for (const char* k : {"0", "7", "two", "2.5", ""}) {
    CHECK(refusal([&](Safetensors& file) { file.metadata["k"] = k; }) ==
          says + "its metadata's 'k' is no whole number from 1 to 6");
  }
  CHECK(refusal([](Safetensors& file) { file.metadata.erase("classes"); }) ==
        says + "its metadata's 'classes' is no whole number from 2 to 1000000");
  CHECK(refusal([](Safetensors& file) { file.tensors[1].values[2] = 3; }) ==
        says + "has a label that is none of its classes 0 to 2");
  CHECK(refusal([](Safetensors& file) { file.tensors[1].values[2] = 0.5F; }) ==
        says + "has a label that is none of its classes 0 to 2");
  CHECK(refusal([](Safetensors& file) { file.tensors.pop_back(); }) ==
        says + "has no tensor 'labels' of 1 axis");
  CHECK(refusal([](Safetensors& file) {
          file.tensors[0].shape = {6, 4};
        }) == says + "has no tensor 'images' of 4 axes");
  CHECK(refusal([](Safetensors& file) {
          file.tensors[1] = {"labels", {2}, {0, 1}};
        }) == says + "has 6 images and 2 labels; there is one label an image");
}

TEST_CASE("soft neighbours: logits and gradients are the definition's") {
  RandomData random(4);
  const Neighbours model = random_model(random, 60, {2, 5, 1}, 3, 1);
  const NeighboursClassifier hard(model, "a.safetensors");
  for (const double temperature : {0.2, 1.0}) {
    const SoftNeighbours soft(hard, temperature);
    const Matrix images = random.images(37, 10);
    Matrix logits, gradient;
    const std::vector<float> weights{0.7F, -1.5F, 0.3F};
    const LogitGradient objective = [&](float* d, const float*, int, int n) {
      for (int i = 0; i < n; ++i) std::copy(weights.begin(), weights.end(), d + 3 * i);
    };
    soft.gradients({&gradient, 1}, &logits, images, {&objective, 1});
    CHECK(soft.logits(images) == logits);
    for (Eigen::Index i = 0; i < images.rows(); ++i) {
      const Eigen::RowVectorXd image = images.row(i).cast<double>();
      const auto value = [&](const Eigen::RowVectorXd& at) {
        double sum = 0;
        for (int k = 0; k < 3; ++k) {
          sum += static_cast<double>(weights[static_cast<std::size_t>(k)]) *
                 soft_logit(model, at, k, temperature);
        }
        return sum;
      };
      for (int k = 0; k < 3; ++k) {
        CHECK(static_cast<double>(logits(i, k)) ==
              Approx(soft_logit(model, image, k, temperature)).margin(1e-4));
      }
      for (Eigen::Index p = 0; p < 10; ++p) {
        Eigen::RowVectorXd up = image, down = image;
        constexpr double kStep = 1e-5;
        up[p] += kStep;
        down[p] -= kStep;
        CHECK(static_cast<double>(gradient(i, p)) ==
              Approx((value(up) - value(down)) / (2 * kStep)).margin(2e-3));
      }
    }
  }
}

TEST_CASE("soft neighbours: at a small temperature they read as the nearest does") {
  RandomData random(5);
  const NeighboursClassifier hard(random_model(random, 80, {2, 5, 1}, 4, 1), "a.safetensors");
  const Matrix images = random.images(50, 10);
  CHECK(most_likely(SoftNeighbours(hard, 1e-3).logits(images)) == most_likely(hard.logits(images)));
}

TEST_CASE("soft neighbours: a class without training images is never read") {
  const NeighboursClassifier hard({{1, 2, 1}, 3, 1, Matrix{{0, 0}, {1, 1}}, {0, 2}}, "a");
  const Matrix logits = SoftNeighbours(hard).logits(Matrix{{0.2F, 0.1F}});
  CHECK(logits(0, 1) == SoftNeighbours::kNever);
  CHECK(most_likely(logits) == Labels{0});
}
