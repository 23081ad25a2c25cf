#include "attack/fgsm.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "catch.h"
#include "compare.h"
#include "input_gradients.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "random_data.h"
#include "threads.h"

using namespace inoculate;

namespace {

constexpr int kImages = 100;

/// A network and images to attack, with the labels the network itself gives: right answers.
struct Scene {
  Network network;
  Matrix images;
  Labels labels;

  explicit Scene(const Architecture& architecture = simple_cnn())
      : network(random_network(architecture)),
        images(RandomData(1).images(kImages, network.input_size())) {
    // A few pixels at either end of the range, as digits have.
    for (Eigen::Index i = 0; i < images.size(); i += 3) {
      images.data()[i] = i % 2 == 0 ? 0.0F : 1.0F;
    }
    labels = most_likely(NetworkClassifier(network).logits(images));
  }

  Matrix attack(const FgsmOptions& options) const {
    return fgsm(NetworkClassifier(network), images, labels, options);
  }
  std::vector<float> losses(const Matrix& at, const Labels& of, Loss loss) const {
    std::vector<float> result(of.size());
    const Matrix logits = NetworkClassifier(network).logits(at);
    loss_and_gradient(result.data(), nullptr, loss, 1, logits.data(), of.data(),
                      static_cast<int>(of.size()), network.classes());
    return result;
  }
  /// On how many images the loss at `of` is higher at the adversaries.
  int risen(const Matrix& adversaries, const Labels& of, Loss loss) const {
    const auto before = losses(images, of, loss), after = losses(adversaries, of, loss);
    int count = 0;
    for (std::size_t i = 0; i < of.size(); ++i) count += after[i] > before[i];
    return count;
  }
};

FgsmOptions options_of(Norm norm, float epsilon, std::optional<ValueRange> range,
                       Loss loss = Loss::kCrossEntropy) {
  return {{norm, epsilon, range}, loss, {}};
}

const std::optional<ValueRange> kUnclipped;

double norm_of(const Matrix& change, Eigen::Index row) {
  return change.row(row).cast<double>().norm();
}

}  // namespace

TEST_CASE("adversaries keep the bound and the range") {
  const Scene scene;
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    for (const float epsilon : {0.01F, 0.1F, 0.5F, 2.0F}) {
      CAPTURE(static_cast<int>(norm), epsilon);
      const Matrix adversaries = scene.attack(options_of(norm, epsilon, ValueRange{}));
      const Matrix change = adversaries - scene.images;
      CHECK(adversaries.minCoeff() >= 0);
      CHECK(adversaries.maxCoeff() <= 1);
      CHECK(change.cwiseAbs().maxCoeff() > 0);
      for (Eigen::Index i = 0; i < kImages; ++i) {
        // In L2 clipping only takes away.
        const double size = norm == Norm::kLinf
                                ? static_cast<double>(change.row(i).cwiseAbs().maxCoeff())
                                : norm_of(change, i);
        REQUIRE(size <= static_cast<double>(epsilon) + 1e-6);
      }
    }
  }
}

TEST_CASE("a range of other ends is kept too") {
  const Scene scene;
  const Matrix adversaries = scene.attack(options_of(Norm::kLinf, 0.3F, ValueRange{0.25F, 0.5F}));
  CHECK(adversaries.minCoeff() == 0.25F);
  CHECK(adversaries.maxCoeff() == 0.5F);
}

TEST_CASE("epsilon 0 changes nothing") {
  const Scene scene;
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    CHECK(scene.attack(options_of(norm, 0, ValueRange{})) == scene.images);
    CHECK(scene.attack(options_of(norm, 0, kUnclipped)) == scene.images);
  }
}

TEST_CASE("an attack leaves the network as it was, and comes out the same again") {
  const Scene scene;
  const Network before = scene.network;
  const FgsmOptions options;
  const Matrix first = scene.attack(options);
  CHECK(largest_difference(scene.network.parameters(), before.parameters()) == 0);
  CHECK(largest_difference(scene.network.statistics(), before.statistics()) == 0);
  for (const int threads : {1, 2, 3}) {
    const WithThreads scope(threads);
    CHECK(scene.attack(options) == first);
  }
}

TEST_CASE("in L-inf every pixel moves by epsilon along the gradient's sign") {
  const Scene scene;
  for (const Loss loss : {Loss::kCrossEntropy, Loss::kMeanSquaredError}) {
    const Matrix gradients = input_gradients(scene.network, scene.images, scene.labels, loss);
    const Matrix adversaries = scene.attack(options_of(Norm::kLinf, 0.1F, kUnclipped, loss));
    const Matrix clipped = scene.attack(options_of(Norm::kLinf, 0.1F, ValueRange{}, loss));
    int wrong = 0;
    for (Eigen::Index i = 0; i < gradients.size(); ++i) {
      const float g = gradients.data()[i];
      const float expected = scene.images.data()[i] + (g > 0 ? 0.1F : g < 0 ? -0.1F : 0);
      wrong += std::abs(adversaries.data()[i] - expected) > 1e-7F;
      wrong += clipped.data()[i] != std::clamp(adversaries.data()[i], 0.0F, 1.0F);
    }
    CHECK(wrong == 0);
    // The unclipped form, as the tutorial has it, leaves the range.
    CHECK(adversaries.minCoeff() < 0);
    CHECK(adversaries.maxCoeff() > 1);
  }
}

TEST_CASE("in L2 the unclipped step is epsilon long and lies along the gradient") {
  const Scene scene;
  const float epsilon = 1.5F;
  const Matrix gradients =
      input_gradients(scene.network, scene.images, scene.labels, Loss::kCrossEntropy);
  const Matrix change = scene.attack(options_of(Norm::kL2, epsilon, kUnclipped)) - scene.images;
  for (Eigen::Index i = 0; i < kImages; ++i) {
    CHECK(norm_of(change, i) == Approx(epsilon).epsilon(1e-5));
    const double cosine = change.row(i).cast<double>().dot(gradients.row(i).cast<double>()) /
                          (norm_of(change, i) * norm_of(gradients, i));
    CHECK(cosine == Approx(1).epsilon(1e-6));
  }
}

TEST_CASE("the loss rises on nearly every image") {
  const Scene scene;
  for (const Loss loss : {Loss::kCrossEntropy, Loss::kMeanSquaredError}) {
    for (const auto& [norm, epsilon] : {std::pair{Norm::kLinf, 0.002F}, {Norm::kL2, 0.05F}}) {
      CAPTURE(static_cast<int>(loss), static_cast<int>(norm));
      const Matrix adversaries = scene.attack(options_of(norm, epsilon, kUnclipped, loss));
      CHECK(scene.risen(adversaries, scene.labels, loss) > 95);
    }
  }
}

TEST_CASE("a larger step fools the network") {
  const Scene scene;
  const Labels after = most_likely(
      NetworkClassifier(scene.network).logits(scene.attack(options_of(Norm::kLinf, 0.1F, {}))));
  int fooled = 0;
  for (std::size_t i = 0; i < after.size(); ++i) fooled += after[i] != scene.labels[i];
  CHECK(fooled > 50);
}

TEST_CASE("a targeted attack lowers the loss at the target, whatever the labels") {
  const Scene scene;
  for (const int target : Labels{0, 7}) {
    FgsmOptions options = options_of(Norm::kLinf, 0.002F, ValueRange{});
    options.criterion.target = target;
    const Matrix adversaries = scene.attack(options);
    const Labels targets(kImages, target);
    CHECK(scene.risen(adversaries, targets, Loss::kCrossEntropy) < 5);
    const Labels others(kImages, 3);
    CHECK(fgsm(NetworkClassifier(scene.network), scene.images, others, options) == adversaries);
  }
}

TEST_CASE("where the gradient is exactly zero nothing changes") {
  // Without kernels no pixel has any influence; with only one row of weights, one pixel has.
  Network network(logistic_regression());
  const Matrix images = RandomData(3).images(5, 784);
  const Labels labels(5, 1);
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    CHECK(fgsm(NetworkClassifier(network), images, labels, options_of(norm, 0.1F, kUnclipped)) ==
          images);
  }
  network.parameters()[100 * 10 + 1] = 1;
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    Matrix expected = images;
    expected.col(100).array() -= 0.1F;
    const Matrix adversaries =
        fgsm(NetworkClassifier(network), images, labels, options_of(norm, 0.1F, kUnclipped));
    CHECK((adversaries - expected).cwiseAbs().maxCoeff() < 1e-6F);
    CHECK(adversaries.leftCols(100) == images.leftCols(100));
    CHECK(adversaries.rightCols(683) == images.rightCols(683));
  }
}

TEST_CASE("one image or none can be attacked") {
  const Scene scene;
  const Matrix all = scene.attack({});
  CHECK(fgsm(NetworkClassifier(scene.network), scene.images.row(7), {scene.labels[7]}, {}) ==
        all.row(7));
  CHECK(fgsm(NetworkClassifier(scene.network), Matrix(0, 784), {}, {}).rows() == 0);
}
