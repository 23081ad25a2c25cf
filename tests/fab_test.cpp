// FAB against closed forms and against its authors' code.
#include "attack/fab.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "catch.h"
#include "data/idx.h"
#include "golden_images.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "nn/weights.h"
#include "standard_scene.h"

using namespace inoculate;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr int kImages = 10;

/// The size of a gradient by which a difference of logits is divided to give a distance.
double dual_size(const std::vector<double>& gradient, Norm norm) {
  double sum = 0, squares = 0, largest = 0;
  for (const double g : gradient) {
    sum += std::abs(g);
    squares += g * g;
    largest = std::max(largest, std::abs(g));
  }
  return norm == Norm::kLinf ? sum : norm == Norm::kL2 ? std::sqrt(squares) : largest;
}

}  // namespace

TEST_CASE("FAB finds a linear network's nearest boundary") {
  const Network network = random_network({"linear", {6, 5, 1}, {DenseSpec{"a", 10}}});
  const NetworkClassifier model(network);
  const Matrix images = RandomData(1).images(kImages, 30);
  const Matrix z = model.logits(images);
  const Labels labels = most_likely(z);
  const auto w = network.parameters();  // [input, 10], row-major
  for (const Norm norm : {Norm::kLinf, Norm::kL2, Norm::kL1}) {
    CAPTURE(static_cast<int>(norm));
    FabOptions options;
    options.steps = 30;
    Rng rng(1);
    const AttackResult result =
        fab_targeted({model, images, labels, {norm, kInfinity, std::nullopt}, {}}, options, rng);
    CHECK(result.successes() == kImages);
    for (int i = 0; i < kImages; ++i) {
      const int label = labels[static_cast<std::size_t>(i)];
      double nearest = HUGE_VAL;
      for (int k = 0; k < 10; ++k) {
        if (k == label) continue;
        std::vector<double> gradient;
        for (std::size_t j = 0; j < 30; ++j) {
          gradient.push_back(static_cast<double>(w[10 * j + static_cast<std::size_t>(k)]) -
                             static_cast<double>(w[10 * j + static_cast<std::size_t>(label)]));
        }
        nearest = std::min(nearest,
                           static_cast<double>(z(i, label) - z(i, k)) / dual_size(gradient, norm));
      }
      const double away = result.distances[static_cast<std::size_t>(i)];
      CHECK(away >= 0.9999 * nearest);
      CHECK(away <= 1.01 * nearest);
    }
  }
}

TEST_CASE("FAB's adversaries are as near as those of its authors' code") {
  Network network(simple_cnn());
  set_weights(network, golden_safetensors("keras_simple_cnn.safetensors").tensors, "golden");
  const NetworkClassifier model(network);
  const auto golden = golden_json("autoattack.json").at("fab");
  const int n = static_cast<int>(golden.at("linf").size());
  const Matrix images = golden_images(n);
  const Labels labels = most_likely(model.logits(images));  // none of these is misread
  for (const auto& [name, norm] :
       {std::pair{"linf", Norm::kLinf}, std::pair{"l2", Norm::kL2}, std::pair{"l1", Norm::kL1}}) {
    FabOptions options;
    options.steps = golden.at("steps").get<int>();
    options.target_classes = 1;
    Rng rng(1);
    const AttackResult result =
        fab_targeted({model, images, labels, {norm, kInfinity, ValueRange{}}, {}}, options, rng);
    CHECK(result.successes() == n);
    for (std::size_t i = 0; i < result.distances.size(); ++i) {
      CAPTURE(name, i);
      CHECK(static_cast<double>(result.distances[i]) ==
            Approx(golden.at(name).at(i).get<double>()).epsilon(0.01));
    }
  }
}

TEST_CASE("FAB stops at an adversary within a finite epsilon, and starts again at random") {
  const StandardScene scene(20);
  FabOptions options;
  options.steps = 20;
  for (const auto& [norm, epsilon] :
       {std::pair{Norm::kLinf, 0.06F}, std::pair{Norm::kL2, 0.8F}, std::pair{Norm::kL1, 5.0F}}) {
    CAPTURE(static_cast<int>(norm));
    Rng a(1), b(1), c(1);
    const AttackResult nearest =
        fab_targeted(scene.task({norm, kInfinity, ValueRange{}}), options, a);
    const AttackTask task = scene.task({norm, epsilon, ValueRange{}});
    const AttackResult within = fab_targeted(task, options, b);
    options.restarts = 3;
    const AttackResult again = fab_targeted(task, options, c);
    options.restarts = 1;
    CHECK(within.successes() > 0);
    CHECK(within.successes() < task.size());
    CHECK(again.successes() >= within.successes());
    for (std::size_t i = 0; i < 20; ++i) {
      CHECK(nearest.calls[i].gradient == 9 * 20);
      CHECK((within.success[i] != 0) == (nearest.distances[i] <= epsilon));
      CHECK((within.success[i] == 0) == (within.calls[i].gradient == 9 * 20));
      if (again.success[i] == 0) CHECK(again.calls[i].gradient == 3 * 9 * 20);
    }
  }
}
