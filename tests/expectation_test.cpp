// Gradients over transformations.
#include "attack/expectation.h"

#include <algorithm>
#include <cmath>

#include "attack/gradients.h"
#include "attack/pgd.h"
#include "catch.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "threads.h"

using namespace inoculate;

namespace {

struct Scene {
  Network network = random_network(tiny_network(0));
  NetworkClassifier model{network};
  Shape shape = model.spec().input;
  Matrix images = RandomData(6).images(5, shape.size());
  Labels labels = most_likely(model.logits(images));
};

}  // namespace

TEST_CASE("a change shifts, repeats the edge, brightens, adds noise and keeps the range") {
  const Shape shape{2, 3, 1};
  const std::vector<float> x{0.1F, 0.2F, 0.3F, 0.4F, 0.5F, 0.6F};
  Transformation t;
  std::vector<float> y(6);
  t.apply(y.data(), x.data(), shape, {});
  CHECK(y == x);
  t.down = 1;
  t.right = -1;
  t.apply(y.data(), x.data(), shape, {});
  CHECK(y == std::vector<float>{0.2F, 0.3F, 0.3F, 0.2F, 0.3F, 0.3F});
  t = {0, 0, 2, {0, 0, 0.5F, 0, 0, -3}};
  t.apply(y.data(), x.data(), shape, {});
  const std::vector<float> expected{0.2F, 0.4F, 1, 0.8F, 1, 0};
  for (std::size_t j = 0; j < 6; ++j) CHECK(y[j] == Approx(expected[j]));
}

TEST_CASE("a change's backward is the slope of a weighted sum of what it gives") {
  const Shape shape{4, 5, 2};
  RandomData random(7);
  Rng rng(3);
  ExpectationOptions options;
  options.shift = 3;
  for (int trial = 0; trial < 20; ++trial) {
    const Transformation t = draw_transformation(options, shape, rng);
    std::vector<float> x = random.numbers(shape.size(), 0.05F, 0.95F);
    const std::vector<float> weights = random.numbers(shape.size());
    std::vector<float> d(x.size());
    t.add_backward(d.data(), weights.data(), x.data(), shape, {});
    const auto value = [&] {
      std::vector<float> y(x.size());
      t.apply(y.data(), x.data(), shape, {});
      double sum = 0;
      for (std::size_t j = 0; j < y.size(); ++j) sum += static_cast<double>(weights[j] * y[j]);
      return sum;
    };
    for (std::size_t j = 0; j < x.size(); j += 3) {
      const float was = x[j], h = 1e-3F;
      x[j] = was + h;
      const double above = value();
      x[j] = was - h;
      const double below = value();
      x[j] = was;
      // At the ends of the range there is no slope.
      std::vector<float> y(x.size());
      t.apply(y.data(), x.data(), shape, {});
      const bool cut =
          std::any_of(y.begin(), y.end(), [&](float v) { return std::min(v, 1 - v) < 2 * h; });
      if (!cut) CHECK((above - below) / (2 * static_cast<double>(h)) == Approx(d[j]).margin(2e-3));
    }
  }
}

TEST_CASE("an expectation's gradient is the plain mean over its draws") {
  const Scene scene;
  ExpectationOptions options;
  options.draws = 7;
  const Expectation expectation(scene.model, options, 11);
  const LogitGradient objective = loss_objective(Loss::kCrossEntropy, scene.labels, 10);
  Matrix gradients, logits;
  objective_gradients(gradients, &logits, expectation, scene.images, objective);
  CHECK(logits == scene.model.logits(scene.images));
  for (int i = 0; i < scene.images.rows(); ++i) {
    const Labels label{scene.labels[static_cast<std::size_t>(i)]};
    const LogitGradient own = loss_objective(Loss::kCrossEntropy, label, 10);
    Eigen::RowVectorXd mean = Eigen::RowVectorXd::Zero(scene.shape.size());
    const auto draws = expectation.transformations(scene.images.row(i).data());
    REQUIRE(draws.size() == 7);
    for (const Transformation& t : draws) {
      Matrix changed(1, scene.shape.size()), d;
      t.apply(changed.data(), scene.images.row(i).data(), scene.shape, {});
      objective_gradients(d, nullptr, scene.model, changed, own);
      std::vector<float> back(static_cast<std::size_t>(scene.shape.size()));
      t.add_backward(back.data(), d.data(), scene.images.row(i).data(), scene.shape, {});
      for (int j = 0; j < scene.shape.size(); ++j) {
        mean(j) += static_cast<double>(back[static_cast<std::size_t>(j)]) / 7;
      }
    }
    CHECK((mean - gradients.row(i).cast<double>()).cwiseAbs().maxCoeff() < 1e-6);
  }
  // Without any change it is the bare gradient.
  const Expectation none(scene.model, {3, 0, 0, 0}, 1);
  Matrix bare;
  objective_gradients(bare, nullptr, scene.model, scene.images, objective);
  objective_gradients(gradients, nullptr, none, scene.images, objective);
  CHECK((gradients - bare).cwiseAbs().maxCoeff() < 1e-6F);
}

TEST_CASE("an expectation follows from the seed and the image alone") {
  const Scene scene;
  const LogitGradient all = loss_objective(Loss::kCrossEntropy, scene.labels, 10);
  const auto gradients_of = [&](std::uint64_t seed) {
    Matrix gradients;
    objective_gradients(gradients, nullptr, Expectation(scene.model, {}, seed), scene.images, all);
    return gradients;
  };
  const Matrix first = gradients_of(1);
  CHECK(gradients_of(1) == first);
  CHECK(gradients_of(2) != first);
  for (const int threads : {1, 3}) {
    const WithThreads scope(threads);
    CHECK(gradients_of(1) == first);
  }
  const Labels last{scene.labels[4]};
  Matrix alone;
  objective_gradients(alone, nullptr, Expectation(scene.model, {}, 1), scene.images.row(4),
                      loss_objective(Loss::kCrossEntropy, last, 10));
  CHECK(alone.row(0) == first.row(4));
}

TEST_CASE("adversaries made over transformations survive more of them") {
  const Scene scene;
  const ExpectationOptions options{20, 2, 0.2F, 0.1F};
  const Expectation expectation(scene.model, options, 5);
  const ThreatModel threat{Norm::kLinf, 0.2F, ValueRange{}};
  const auto survival = [&](const Classifier& model) {
    Rng rng(1), fresh(99);
    const Matrix x =
        pgd({model, scene.images, scene.labels, threat, {}}, pgd_options(Norm::kLinf), rng)
            .adversaries;
    int fooled = 0;
    for (int draw = 0; draw < 40; ++draw) {
      Matrix changed(x.rows(), x.cols());
      for (Eigen::Index i = 0; i < x.rows(); ++i) {
        draw_transformation(options, scene.shape, fresh)
            .apply(changed.row(i).data(), x.row(i).data(), scene.shape, {});
      }
      const Labels read = most_likely(scene.model.logits(changed));
      for (std::size_t i = 0; i < read.size(); ++i) fooled += read[i] != scene.labels[i];
    }
    return fooled;
  };
  CHECK(survival(expectation) > survival(scene.model));
}
