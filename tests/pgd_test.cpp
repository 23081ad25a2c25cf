#include "attack/pgd.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "attack/fgsm.h"
#include "attack/perturbation.h"
#include "catch.h"
#include "compare.h"
#include "input_gradients.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "random_data.h"
#include "reference_network.h"

using namespace inoculate;

namespace {

constexpr int kImages = 20;

struct Scene {
  Network network = random_network(mlp(24));
  NetworkClassifier model{network};
  Matrix images = RandomData(1).images(kImages, 784);
  Labels labels = most_likely(NetworkClassifier(network).logits(images));

  AttackTask task(Norm norm, float epsilon) const {
    return {model, images, labels, {norm, epsilon, ValueRange{}}, {}};
  }
};

AttackResult run(const AttackTask& task, const PgdOptions& options) {
  Rng rng(1);
  return pgd(task, options, rng);
}

// Every value's neighbours in double precision, one after the other.
reference::Values smoothed(const reference::Values& v, Shape shape) {
  reference::Values result(v.size());
  for (int y = 0; y < shape.h; ++y) {
    for (int x = 0; x < shape.w; ++x) {
      for (int c = 0; c < shape.c; ++c) {
        double sum = 0;
        for (int dy = -1; dy <= 1; ++dy) {
          for (int dx = -1; dx <= 1; ++dx) {
            if (y + dy < 0 || y + dy >= shape.h || x + dx < 0 || x + dx >= shape.w) continue;
            const int at = ((y + dy) * shape.w + x + dx) * shape.c + c;
            sum += (2 - std::abs(dy)) * (2 - std::abs(dx)) * v[static_cast<std::size_t>(at)];
          }
        }
        result[static_cast<std::size_t>((y * shape.w + x) * shape.c + c)] = sum / 16;
      }
    }
  }
  return result;
}

// The numerical gradient of the largest other logit less the label's.
reference::Values margin_gradient(const reference::ReferenceNetwork& network,
                                  const reference::Values& x, std::size_t label) {
  const auto margin = [&](std::size_t pixel, double h) {
    reference::Values moved = x;
    moved[pixel] += h;
    const reference::Values z = network.run(moved, 1, false).logits;
    double other = -std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < z.size(); ++k) {
      if (k != label) other = std::max(other, z[k]);
    }
    return other - z[label];
  };
  constexpr double kH = 1e-6;
  reference::Values gradient;
  for (std::size_t j = 0; j < x.size(); ++j) {
    gradient.push_back((margin(j, kH) - margin(j, -kH)) / (2 * kH));
  }
  return gradient;
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

TEST_CASE("smoothing weighs each value's neighbours 1 2 1 in either direction") {
  for (const Shape shape : {Shape{28, 28, 1}, Shape{5, 3, 2}, Shape{1, 1, 1}, Shape{1, 4, 3}}) {
    CAPTURE(shape.h, shape.w, shape.c);
    const std::vector<float> before = RandomData(3).numbers(shape.size());
    const std::vector<double> expected = smoothed(reference::doubles(before), shape);
    std::vector<float> after = before;
    smooth(after.data(), shape);
    CHECK(largest_difference(after, expected) < 1e-6);
  }
}

TEST_CASE("PGD along smoothed gradients is its formula: margin, momentum, steps that shrink") {
  const Scene scene;
  const double epsilon = 0.03;
  PgdOptions options = smooth_pgd_options();
  options.random_start = false;
  options.restarts = 1;
  options.steps = 4;
  const AttackResult result = run(scene.task(Norm::kLinf, static_cast<float>(epsilon)), options);
  const reference::ReferenceNetwork reference(scene.network);
  int pixels = 0, different = 0;
  for (Eigen::Index i = 0; i < 3; ++i) {
    const reference::Values image = reference::doubles(scene.images.row(i));
    reference::Values x = image, direction(image.size());
    for (int step = 0; step < 4; ++step) {
      reference::Values gradient = margin_gradient(
          reference, x, static_cast<std::size_t>(scene.labels[static_cast<std::size_t>(i)]));
      gradient = smoothed(gradient, scene.network.architecture().input);
      double sum = 0;
      for (const double g : gradient) sum += std::abs(g);
      const double size = epsilon / 3 * (1 - 0.95 * step / 4);
      for (std::size_t j = 0; j < x.size(); ++j) {
        direction[j] = 0.75 * direction[j] + gradient[j] / sum;
        const double moved = x[j] + (direction[j] > 0 ? size : -size);
        x[j] = std::clamp(std::clamp(moved, image[j] - epsilon, image[j] + epsilon), 0.0, 1.0);
      }
    }
    const reference::Values ours = reference::doubles(result.adversaries.row(i));
    for (std::size_t j = 0; j < x.size(); ++j, ++pixels)
      different += std::abs(ours[j] - x[j]) > 1e-5;
  }
  CHECK(different < pixels / 200);  // a sign may turn where a direction is all but 0
}

TEST_CASE("one whole step from the image is FGSM") {
  const Scene scene;
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    const AttackTask task = scene.task(norm, 0.1F);
    const Matrix one_step =
        fgsm(scene.model, scene.images, scene.labels, {task.threat, Loss::kCrossEntropy, {}});
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
