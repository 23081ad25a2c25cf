// What is particular to each attack; what they share is in attack_properties_test.cpp, PGD and its
// kin in pgd_test.cpp.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "attack/apgd.h"
#include "attack/carlini_wagner.h"
#include "attack/deepfool.h"
#include "attack/gradients.h"
#include "attack/jsma.h"
#include "attack/line.h"
#include "attack/margin.h"
#include "attack/nes.h"
#include "attack/pgd.h"
#include "attack/spatial.h"
#include "attack/square.h"
#include "attack/transfer.h"
#include "attack/universal.h"
#include "catch.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "random_data.h"

using namespace inoculate;

namespace {

constexpr int kImages = 10;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// One linear map, whose nearest adversaries are known in closed form.
Architecture linear() { return {"linear", {6, 5, 1}, {DenseSpec{"a", 10}}}; }

struct Scene {
  Network network;
  NetworkClassifier model{network};
  Matrix images;
  Labels labels;

  explicit Scene(const Architecture& architecture = tiny_network(0))
      : network(random_network(architecture)),
        images(RandomData(1).images(kImages, network.input_size())),
        labels(most_likely(NetworkClassifier(network).logits(images))) {}

  AttackTask task(Norm norm, float epsilon, std::optional<ValueRange> range = ValueRange{}) const {
    return {model, images, labels, {norm, epsilon, range}, {}};
  }
  /// Of a linear network: the distance of image i from its nearest boundary.
  double boundary(int i, Norm norm) const {
    const auto w = network.parameters();  // [input, 10], row-major
    const Matrix z = NetworkClassifier(network).logits(images.row(i));
    const int label = labels[static_cast<std::size_t>(i)];
    double nearest = HUGE_VAL;
    for (int k = 0; k < 10; ++k) {
      if (k == label) continue;
      double size = 0;
      for (int j = 0; j < network.input_size(); ++j) {
        const auto row = static_cast<std::size_t>(j * 10);
        const double d = static_cast<double>(w[row + static_cast<std::size_t>(k)]) -
                         static_cast<double>(w[row + static_cast<std::size_t>(label)]);
        size += norm == Norm::kLinf ? std::abs(d) : d * d;
      }
      if (norm == Norm::kL2) size = std::sqrt(size);
      nearest = std::min(nearest, static_cast<double>(z(0, label) - z(0, k)) / size);
    }
    return nearest;
  }
};

}  // namespace

TEST_CASE("success is a wrong class, the target, and a confidence if one is asked for") {
  const std::vector<float> logits{0, 2, 1};  // probabilities 0.09, 0.67, 0.24
  CHECK(meets({}, logits.data(), 3, 0));
  CHECK_FALSE(meets({}, logits.data(), 3, 1));
  CHECK(meets({std::uint8_t{1}, 0}, logits.data(), 3, 1));
  CHECK_FALSE(meets({std::uint8_t{2}, 0}, logits.data(), 3, 0));
  CHECK(meets({std::nullopt, 0.66F}, logits.data(), 3, 0));
  CHECK_FALSE(meets({std::nullopt, 0.67F}, logits.data(), 3, 0));
  CHECK(margin({}, logits.data(), 3, 1) == 1);
  CHECK(margin({}, logits.data(), 3, 2) == -1);
  CHECK(margin({std::uint8_t{0}, 0}, logits.data(), 3, 2) == 2);
}

TEST_CASE("DeepFool finds a linear network's boundary in one step") {
  const Scene scene(linear());
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    DeepFoolOptions options;
    options.steps = 1;
    const AttackResult result = deepfool(scene.task(norm, kInfinity, std::nullopt), options);
    CHECK(result.successes() == kImages);
    for (int i = 0; i < kImages; ++i) {
      const double expected = 1.02 * (scene.boundary(i, norm) + 1e-4);
      CHECK(static_cast<double>(result.distances[static_cast<std::size_t>(i)]) ==
            Approx(expected).epsilon(1e-3));
    }
  }
}

TEST_CASE("Carlini and Wagner's adversaries are hardly further than a linear network's boundary") {
  const Scene scene(linear());
  // A range that does not stand in the way, and steps that are small beside the distances.
  CarliniWagnerOptions options;
  options.step_size = 0.002F;
  const AttackResult result =
      carlini_wagner(scene.task(Norm::kL2, kInfinity, ValueRange{-1, 2}), options);
  CHECK(result.successes() == kImages);
  for (int i = 0; i < kImages; ++i) {
    const double away = result.distances[static_cast<std::size_t>(i)];
    CHECK(away >= scene.boundary(i, Norm::kL2) * 0.999);
    CHECK(away <= scene.boundary(i, Norm::kL2) * 1.05 + 1e-3);
  }
}

TEST_CASE("APGD is as strong as PGD, and the fooled are asked no more") {
  const Scene scene;
  for (const float epsilon : {0.01F, 0.03F}) {
    const AttackTask task = scene.task(Norm::kLinf, epsilon);
    Rng rng(1);
    PgdOptions steps;
    steps.steps = 40;
    const int reached = pgd(task, steps, rng).successes();
    for (const ApgdLoss loss : {ApgdLoss::kCrossEntropy, ApgdLoss::kTargetedDlr}) {
      ApgdOptions options;
      options.loss = loss;
      options.steps = 40;
      const AttackResult result = apgd(task, options, rng);
      CHECK(result.successes() >= reached);
      for (std::size_t i = 0; i < kImages; ++i) {
        const int all = loss == ApgdLoss::kTargetedDlr ? 9 * 41 : 41;
        CHECK((result.success[i] == 0) == (result.calls[i].gradient == all));
      }
    }
  }
}

TEST_CASE("Square moves pixels by epsilon only, and keeps to its queries") {
  const Scene scene;
  const float epsilon = 0.05F;
  const AttackTask task = scene.task(Norm::kLinf, epsilon, std::nullopt);
  Rng rng(1);
  SquareOptions options;
  options.queries = 50;
  const AttackResult result = square(task, options, rng);
  const Matrix change = (result.adversaries - scene.images).cwiseAbs();
  CHECK(change.minCoeff() == Approx(epsilon).epsilon(1e-4));
  CHECK(change.maxCoeff() == Approx(epsilon).epsilon(1e-4));
  for (std::size_t i = 0; i < kImages; ++i) {
    CHECK(result.calls[i].forward <= 50);
    if (result.success[i] == 0) CHECK(result.calls[i].forward == 50);
  }
}

TEST_CASE("Square's changes have the size of epsilon in L2, and no more in L1") {
  const Scene scene;
  for (const auto& [norm, epsilon] : {std::pair{Norm::kL2, 0.4F}, std::pair{Norm::kL1, 2.0F}}) {
    CAPTURE(static_cast<int>(norm));
    Rng rng(1);
    SquareOptions options;
    options.queries = 100;
    const AttackResult result = square(scene.task(norm, epsilon, std::nullopt), options, rng);
    CHECK(result.successes() > 0);
    for (std::size_t i = 0; i < kImages; ++i) {
      CHECK(result.distances[i] <= epsilon * 1.0001F);
      if (norm == Norm::kL2) CHECK(result.distances[i] >= epsilon * 0.9999F);
      CHECK(result.calls[i].forward <= 100);
      if (result.success[i] == 0) CHECK(result.calls[i].forward == 100);
    }
  }
}

TEST_CASE("AutoAttack's Square counts its queries from after the start, and shrinks by number") {
  const Scene scene;
  AttackOptions options;
  options.queries = 30;
  const AttackTask task = scene.task(Norm::kLinf, 0.001F);  // too little for any success
  Rng a(1), b(1);
  const AttackResult ours = square_method().run(task, options, a, nullptr);
  const AttackResult published = autoattack_square_method().run(task, options, b, nullptr);
  REQUIRE(ours.successes() + published.successes() == 0);
  CHECK(ours.calls[0].forward == 30);
  CHECK(published.calls[0].forward == 32);
}

TEST_CASE("rotations and translations move pixels where they should") {
  const Shape shape{5, 5, 1};
  const std::vector<float> image = RandomData(3).numbers(25, 0, 1);
  std::vector<float> x(25);
  const auto at = [&](int row, int column) {
    return image[static_cast<std::size_t>(row * 5 + column)];
  };
  rotate_and_move(x.data(), image.data(), shape, 0, 0, 0, 0);
  CHECK(x == image);
  rotate_and_move(x.data(), image.data(), shape, 0, 1, -2, 0.5F);
  for (int row = 0; row < 5; ++row) {
    for (int column = 0; column < 5; ++column) {
      const float expected = row < 3 && column > 0 ? at(row + 2, column - 1) : 0.5F;
      CHECK(x[static_cast<std::size_t>(row * 5 + column)] == Approx(expected));
    }
  }
  rotate_and_move(x.data(), image.data(), shape, 0, 0.25F, 0, 0);
  CHECK(x[12] == Approx(0.75F * at(2, 2) + 0.25F * at(2, 1)));
  rotate_and_move(x.data(), image.data(), shape, std::numbers::pi_v<float>, 0, 0, 0);
  CHECK(x[6] == Approx(at(3, 3)).margin(1e-5));
  // A quarter turn takes right to down.
  rotate_and_move(x.data(), image.data(), shape, std::numbers::pi_v<float> / 2, 0, 0, 0);
  CHECK(x[17] == Approx(at(2, 3)).margin(1e-5));
}

TEST_CASE("a stroke covers what lies on it, and softens at its edge") {
  const Shape shape{7, 7, 1};
  std::vector<float> x(49, 0.25F);
  draw_stroke(x.data(), shape, {1, 3, 5, 3, 2, 1});
  const auto at = [&](int row, int column) {
    return x[static_cast<std::size_t>(row * 7 + column)];
  };
  CHECK(at(3, 1) == 1);
  CHECK(at(3, 5) == 1);
  CHECK(at(2, 3) == Approx(0.25 + 0.5 * 0.75));  // a pixel away: half covered
  CHECK(at(3, 6) == Approx(0.25 + 0.5 * 0.75));
  CHECK(at(1, 3) == 0.25F);
  CHECK(at(0, 0) == 0.25F);
}

TEST_CASE("JSMA raises few pixels to the top, first those of the largest saliency") {
  const Scene scene;
  const int size = scene.network.input_size();
  for (const bool pairs : {false, true}) {
    AttackTask task = scene.task(Norm::kL0, pairs ? 2 : 1);
    task.criterion.target = (scene.labels[0] + 1) % 10;
    const AttackResult one_step = jsma(task, {pairs});
    const int target = *task.criterion.target;
    std::vector<Matrix> slopes(2);
    for (const int which : {0, 1}) {
      objective_gradients(slopes[static_cast<std::size_t>(which)], nullptr, scene.model,
                          scene.images, [&](float* d, const float*, int, int n) {
                            for (int k = 0; k < 10 * n; ++k) {
                              d[k] = (k % 10 == target) == (which == 0) ? 1.0F : 0.0F;
                            }
                          });
    }
    for (Eigen::Index i = 0; i < kImages; ++i) {
      if (scene.labels[static_cast<std::size_t>(i)] == target) continue;
      float most = 0;
      int p_best = -1, q_best = -1;
      for (int p = 0; p < size; ++p) {
        for (int q = pairs ? p + 1 : p; q < (pairs ? size : p + 1); ++q) {
          const float up = slopes[0](i, p) + (pairs ? slopes[0](i, q) : 0);
          const float down = slopes[1](i, p) + (pairs ? slopes[1](i, q) : 0);
          if (up <= 0 || down >= 0 || -up * down <= most) continue;
          most = -up * down;
          p_best = p;
          q_best = q;
        }
      }
      Matrix expected = scene.images.row(i);
      if (p_best >= 0) expected(0, p_best) = expected(0, q_best) = 1;
      CHECK(one_step.adversaries.row(i) == expected);
    }
  }
}

TEST_CASE("a universal perturbation is the same for all images") {
  const Scene scene;
  Rng rng(1);
  const AttackResult result = universal(scene.task(Norm::kLinf, 0.1F, std::nullopt), {}, rng);
  const Matrix change = result.adversaries - scene.images;
  CHECK((change.rowwise() - change.row(0)).cwiseAbs().maxCoeff() < 1e-6F);
  CHECK(change.cwiseAbs().maxCoeff() == Approx(0.1F).epsilon(1e-5));
  CHECK(result.successes() > 0);
}

TEST_CASE("transfer from the network itself is the attack itself, and asks the target nothing") {
  const Scene scene;
  const NetworkClassifier other(random_network(tiny_network(0), 2));
  const AttackTask task = scene.task(Norm::kLinf, 0.05F);
  Rng a(1), b(1), c(1);
  const Matrix direct = pgd(task, momentum_options(), a).adversaries;
  CHECK(transfer(task, scene.model, momentum_options(), b).adversaries == direct);
  const AttackResult elsewhere = transfer(task, other, momentum_options(), c);
  CHECK(
      elsewhere.adversaries ==
      pgd({other, scene.images, scene.labels, task.threat, {}}, momentum_options(), a).adversaries);
}

TEST_CASE("NES keeps to its queries, and fools more often than noise of the same size") {
  const Scene scene;
  for (const NesKnowledge knowledge :
       {NesKnowledge::kProbabilities, NesKnowledge::kTopClass, NesKnowledge::kLabel}) {
    NesOptions options;
    options.knowledge = knowledge;
    options.queries = 3000;
    Rng rng(1);
    const AttackResult result = nes(scene.task(Norm::kLinf, 0.15F), options, rng);
    for (const AttackCalls& calls : result.calls) {
      CHECK(calls.forward <= 3000);
      CHECK(calls.gradient == 0);
    }
    if (knowledge == NesKnowledge::kProbabilities) CHECK(result.successes() >= kImages - 1);
    if (knowledge == NesKnowledge::kTopClass) CHECK(result.successes() >= kImages / 2);
  }
}
