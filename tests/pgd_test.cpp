#include "attack/pgd.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "attack/fgsm.h"
#include "catch.h"
#include "networks.h"
#include "nn/inference.h"
#include "random_data.h"

using namespace inoculate;

namespace {

constexpr int kImages = 20;

struct Scene {
  Network network = random_network(mlp(24));
  Matrix images = RandomData(1).images(kImages, 784);
  Labels labels = most_likely(predict_logits(network, images));

  AttackTask task(Norm norm, float epsilon) const {
    return {network, images, labels, {norm, epsilon, ValueRange{}}, {}};
  }
};

AttackResult run(const AttackTask& task, const PgdOptions& options) {
  Rng rng(1);
  return pgd(task, options, rng);
}

PgdOptions from_the_image(int steps, float step_size) {
  PgdOptions options;
  options.steps = steps;
  options.step_size = step_size;
  options.random_start = false;
  return options;
}

}  // namespace

TEST_CASE("PGD is its formula, in both norms") {
  const Scene scene;
  const double epsilon = 0.03, step = 0.02;
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    const double scale = norm == Norm::kLinf ? 1 : 20;
    Matrix x = scene.images;
    for (int k = 0; k < 3; ++k) {
      const Matrix g = input_gradients(scene.network, x, scene.labels, Loss::kCrossEntropy);
      for (Eigen::Index i = 0; i < kImages; ++i) {
        Eigen::RowVectorXd d = g.row(i).cast<double>();
        if (norm == Norm::kLinf) {
          d = d.unaryExpr([](double v) { return v > 0 ? 1.0 : v < 0 ? -1.0 : 0.0; }).eval();
        } else {
          d /= d.norm();
        }
        Eigen::RowVectorXd change =
            (x.row(i) - scene.images.row(i)).cast<double>() + scale * step * d;
        if (norm == Norm::kLinf) {
          change = change.cwiseMax(-epsilon).cwiseMin(epsilon).eval();
        } else if (change.norm() > scale * epsilon) {
          change *= scale * epsilon / change.norm();
        }
        x.row(i) =
            (scene.images.row(i).cast<double>() + change).cwiseMax(0).cwiseMin(1).cast<float>();
      }
    }
    const AttackResult result = run(scene.task(norm, static_cast<float>(scale * epsilon)),
                                    from_the_image(3, static_cast<float>(step / epsilon)));
    CHECK((result.adversaries - x).cwiseAbs().maxCoeff() < 1e-5F);
    CHECK(std::all_of(result.calls.begin(), result.calls.end(), [](const AttackCalls& calls) {
      return calls.forward == 0 && calls.gradient == 3;
    }));
  }
}

TEST_CASE("one whole step from the image is FGSM") {
  const Scene scene;
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    const AttackTask task = scene.task(norm, 0.1F);
    const Matrix one_step =
        fgsm(scene.network, scene.images, scene.labels, {task.threat, Loss::kCrossEntropy, {}});
    CHECK((run(task, from_the_image(1, 1)).adversaries - one_step).cwiseAbs().maxCoeff() < 1e-6F);
    CHECK(fgsm(task, Loss::kCrossEntropy).adversaries == one_step);
  }
}

TEST_CASE("random starts fill the ball, and differ between images and seeds") {
  const Scene scene;
  PgdOptions options;
  options.steps = 1;
  options.step_size = 0;  // the start alone
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    const float epsilon = norm == Norm::kLinf ? 0.05F : 1;
    AttackTask task = scene.task(norm, epsilon);
    task.threat.range.reset();
    Rng first(1), second(2);
    const Matrix change = pgd_iterates(task, options, first) - scene.images;
    const Matrix other = pgd_iterates(task, options, second) - scene.images;
    CHECK((change - other).cwiseAbs().maxCoeff() > 0.01F * epsilon);
    CHECK((change.row(0) - change.row(1)).cwiseAbs().maxCoeff() > 0.01F * epsilon);
    if (norm == Norm::kLinf) {
      // Uniform: mean 0, standard deviation epsilon / sqrt(3); 15,680 draws.
      CHECK(change.cwiseAbs().maxCoeff() <= epsilon * 1.00001F);
      CHECK(change.mean() == Approx(0).margin(0.0015));
      CHECK(std::sqrt(change.squaredNorm() / static_cast<float>(change.size())) ==
            Approx(epsilon / std::sqrt(3.0F)).epsilon(0.02));
    } else {
      // In 784 dimensions nearly all of a ball lies at its surface: the mean radius is 784/785.
      const Eigen::VectorXf radii = change.rowwise().norm();
      CHECK(radii.maxCoeff() <= epsilon * 1.00001F);
      CHECK(radii.mean() == Approx(784.0 / 785).epsilon(0.001));
      CHECK(radii.minCoeff() < radii.maxCoeff());
      CHECK(change.mean() == Approx(0).margin(0.001));
    }
  }
}

TEST_CASE("more starts never lose a success, and the fooled are asked no more") {
  const Scene scene;
  const AttackTask task = scene.task(Norm::kLinf, 0.004F);
  PgdOptions options;
  options.steps = 2;
  options.step_size = 0.5F;
  const AttackResult one = run(task, options);
  REQUIRE(one.successes() > 0);
  REQUIRE(one.successes() < kImages);
  options.restarts = 6;
  const AttackResult six = run(task, options);
  CHECK(six.successes() >= one.successes());
  for (std::size_t i = 0; i < kImages; ++i) {
    if (one.success[i] != 0) {
      CHECK(six.calls[i].gradient == 2);
      CHECK(six.adversaries.row(static_cast<Eigen::Index>(i)) ==
            one.adversaries.row(static_cast<Eigen::Index>(i)));
    } else if (six.success[i] == 0) {
      CHECK(six.calls[i].gradient == 12);
      CHECK(six.calls[i].forward == 6);
    }
  }
}
