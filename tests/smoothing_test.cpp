// Randomised smoothing, against closed forms.
#include "certify/smoothing.h"

#include <cmath>

#include "catch.h"
#include "model/graph_classifier.h"
#include "model/linear.h"
#include "random_data.h"

using namespace inoculate;

TEST_CASE("Clopper and Pearson's lower end") {
  // By SciPy 1.17: scipy.stats.beta.ppf(alpha, k, n - k + 1).
  CHECK(clopper_pearson_low(0, 100, 0.001) == 0);
  CHECK(clopper_pearson_low(100, 100, 0.001) == Approx(std::pow(0.001, 0.01)).epsilon(1e-12));
  CHECK(clopper_pearson_low(99, 100, 0.001) == Approx(0.9113731112960424).epsilon(1e-9));
  CHECK(clopper_pearson_low(9990, 10'000, 0.001) == Approx(0.9975883080325683).epsilon(1e-9));
  CHECK(clopper_pearson_low(99'000, 100'000, 0.001) == Approx(0.9889893403774748).epsilon(1e-9));
  // The definition: that many or more have just that probability.
  for (const int k : {1, 7, 19, 20}) {
    const double p = clopper_pearson_low(k, 20, 0.05);
    double tail = 0;
    for (int i = k; i <= 20; ++i) {
      tail += std::exp(std::lgamma(21) - std::lgamma(i + 1) - std::lgamma(21 - i)) *
              std::pow(p, i) * std::pow(1 - p, 20 - i);
    }
    CHECK(tail == Approx(0.05).epsilon(1e-9));
  }
}

TEST_CASE("the normal quantile is the inverse of the normal distribution") {
  for (const double p : {1e-6, 0.02, 0.5, 0.7, 0.999, 1 - 1e-9}) {
    CHECK(0.5 * std::erfc(-normal_quantile(p) / std::sqrt(2.0)) == Approx(p).epsilon(1e-9));
  }
}

TEST_CASE("of a linear model the smoothed radius is at most the distance to its border") {
  // Two classes: the smoothed model is the model, and its radius the distance, which sampling can
  // only miss from below.
  RandomData random(3);
  const std::vector<float> w = random.numbers(16);
  Linear linear{{4, 4, 1}, 2, {}, {0, 0.1F}, false};
  double length = 0;
  for (const float one : w) {
    linear.kernel.insert(linear.kernel.end(), {one, 0});
    length += static_cast<double>(one) * static_cast<double>(one);
  }
  const GraphClassifier model(graph_of(linear), "a");
  const Matrix images = random.images(6, 16);
  for (int i = 0; i < 6; ++i) {
    double score = -0.1;
    for (std::size_t j = 0; j < 16; ++j) {
      score +=
          static_cast<double>(w[j]) * static_cast<double>(images(i, static_cast<Eigen::Index>(j)));
    }
    const double distance = std::abs(score) / std::sqrt(length);
    SmoothingOptions options;
    options.sigma = 0.4;
    options.samples = 4000;
    const Smoothed answer = smoothed(model, images.row(i).data(), i, options);
    INFO(distance);
    if (answer.label < 0) {
      CHECK(distance < 0.1);
      continue;
    }
    CHECK(answer.label == (score > 0 ? 0 : 1));
    CHECK(answer.radius <= distance);
    if (distance < 1) CHECK(answer.radius > 0.7 * distance - 0.05);
    const Smoothed again = smoothed(model, images.row(i).data(), i, options);
    CHECK(again.radius == answer.radius);
  }
}
