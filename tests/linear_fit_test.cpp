// Fitting linear models: the minimum of the definition in double precision, and scikit-learn's.
#include "fit/linear_fit.h"

#include <Eigen/Dense>
#include <cmath>

#include "catch.h"
#include "compare.h"
#include "fit/lbfgs.h"
#include "golden_fits.h"
#include "model/classifier.h"
#include "random_data.h"
#include "threads.h"

using namespace inoculate;

namespace {

constexpr int kPixels = 4;

// |weights|^2 / (2 c N) + the mean loss, by loops in double precision.
double objective(const Linear& model, const Matrix& images, const Labels& labels,
                 const LinearFitOptions& options) {
  const bool svm = options.loss == LinearLoss::kSquaredHinge;
  const int classes = model.classes;
  double loss = 0;
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    std::vector<double> logits;
    for (int k = 0; k < classes; ++k) {
      double sum = static_cast<double>(model.bias[static_cast<std::size_t>(k)]);
      for (int p = 0; p < kPixels; ++p) {
        sum += static_cast<double>(model.kernel[static_cast<std::size_t>(p * classes + k)]) *
               static_cast<double>(images(i, p));
      }
      logits.push_back(sum);
    }
    const int label = labels[static_cast<std::size_t>(i)];
    double all = 0;
    for (int k = 0; k < classes; ++k) {
      const double logit = logits[static_cast<std::size_t>(k)];
      const double gap = std::max(0.0, 1 - (k == label ? logit : -logit));
      all += svm ? gap * gap : std::exp(logit - logits[static_cast<std::size_t>(label)]);
    }
    loss += svm ? all : std::log(all);
  }
  double squares = 0;
  for (const float w : model.kernel) squares += static_cast<double>(w) * static_cast<double>(w);
  if (svm) {
    for (const float b : model.bias) squares += static_cast<double>(b) * static_cast<double>(b);
  }
  const auto n = static_cast<double>(images.rows());
  const double halved = classes == 2 && !svm ? 2 : 1;
  return halved * squares / (2 * options.c * n) + loss / n;
}

}  // namespace

TEST_CASE("lbfgs: a quadratic's minimum is the solution of its equations") {
  RandomData random(1);
  for (int round = 0; round < 10; ++round) {
    constexpr int kSize = 12;
    Eigen::MatrixXd root(kSize, kSize);
    Eigen::VectorXd b(kSize);
    for (Eigen::Index i = 0; i < root.size(); ++i) {
      root.data()[i] = static_cast<double>(random.number());
    }
    for (double& value : b) value = static_cast<double>(random.number());
    const Eigen::MatrixXd a =
        root * root.transpose() + 0.1 * Eigen::MatrixXd::Identity(kSize, kSize);
    const LbfgsResult found = minimise(
        [&](const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
          gradient = a * x - b;
          return x.dot(a * x) / 2 - b.dot(x);
        },
        Eigen::VectorXd::Zero(kSize), {1000, 1e-9});
    CHECK(found.converged);
    CHECK((found.x - a.ldlt().solve(b)).norm() < 1e-6);
  }
}

TEST_CASE("lbfgs: it ends at its bound, and when it is told to") {
  // Rosenbrock's valley takes more steps than these.
  const SmoothFunction valley = [](const Eigen::VectorXd& x, Eigen::VectorXd& gradient) {
    const double rise = x[1] - x[0] * x[0], way = 1 - x[0];
    gradient = Eigen::Vector2d(-400 * x[0] * rise - 2 * way, 200 * rise);
    return 100 * rise * rise + way * way;
  };
  const Eigen::VectorXd start = Eigen::Vector2d(-1.2, 1);
  const LbfgsResult bounded = minimise(valley, start, {5, 1e-8});
  CHECK(bounded.steps == 5);
  CHECK_FALSE(bounded.converged);
  const LbfgsResult cancelled =
      minimise(valley, start, {1000, 1e-8}, [](int step, double) { return step < 3; });
  CHECK(cancelled.cancelled);
  CHECK(cancelled.steps == 3);
  const LbfgsResult whole = minimise(valley, start, {1000, 1e-8});
  CHECK(whole.converged);
  CHECK((whole.x - Eigen::VectorXd::Ones(2)).norm() < 1e-6);
}

TEST_CASE("linear_fit: no model nearby is better") {
  RandomData random(2);
  for (const int classes : {2, 4}) {
    const Matrix images = random.images(120, kPixels);
    const Labels labels = random.labels(120, classes);
    for (const LinearLoss loss : {LinearLoss::kLogistic, LinearLoss::kSquaredHinge}) {
      CAPTURE(classes, static_cast<int>(loss));
      const LinearFitOptions options{loss, 0.7, 1000, 1e-6};
      const LinearFit fit = fit_linear(images, labels, {1, kPixels, 1}, classes, options);
      REQUIRE(fit.converged);
      CHECK(fit.model.is_svm == (loss == LinearLoss::kSquaredHinge));
      const double least = objective(fit.model, images, labels, options);
      CHECK(fit.objective == Approx(least).epsilon(1e-6));
      for (int trial = 0; trial < 50; ++trial) {
        Linear other = fit.model;
        const float size = trial % 2 == 0 ? 0.01F : 0.3F;
        for (float& w : other.kernel) w += random.number(-size, size);
        for (float& b : other.bias) b += random.number(-size, size);
        CHECK(objective(other, images, labels, options) >= least - 1e-7);
      }
    }
  }
}

TEST_CASE("linear_fit: models are scikit-learn's") {
  const FitData data = fit_data();
  const Matrix tested = golden_images(1000);
  const Safetensors decisions = golden_safetensors("fits/decisions.safetensors");
  const struct {
    const char* name;
    LinearFitOptions options;
  } rows[] = {{"logistic", {LinearLoss::kLogistic, 0.1, 1000, 1e-5}},
              {"svm", {LinearLoss::kSquaredHinge, 0.01, 1000, 1e-5}}};
  for (const auto& row : rows) {
    INFO(row.name);
    const LinearFit fit = fit_linear(data.images, data.labels, {28, 28, 1}, 10, row.options);
    REQUIRE(fit.converged);
    Matrix logits = tested * Eigen::Map<const Matrix>(fit.model.kernel.data(), 784, 10);
    logits.rowwise() += Eigen::Map<const Eigen::RowVectorXf>(fit.model.bias.data(), 10);
    CHECK(agreeing(most_likely(logits), golden_readings(row.name)) >= 998);
    for (const NamedTensor& tensor : decisions.tensors) {
      if (tensor.name != row.name) continue;
      const std::vector<float> shown(logits.data(), logits.data() + tensor.values.size());
      CHECK(relative_difference(shown, tensor.values) < 1e-3);
    }
  }
}

TEST_CASE("linear_fit: nothing depends on the number of threads") {
  RandomData random(3);
  const Matrix images = random.images(200, kPixels);
  const Labels labels = random.labels(200, 3);
  const LinearFit once = fit_linear(images, labels, {1, kPixels, 1}, 3, {});
  const WithThreads threads(3);
  const LinearFit again = fit_linear(images, labels, {1, kPixels, 1}, 3, {});
  CHECK(once.model.kernel == again.model.kernel);
  CHECK(once.model.bias == again.model.bias);
}
