// Networks whose weights are all finite and whose numbers are not: an error in words, wherever they
// are asked.
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "attack/registry.h"
#include "base/error.h"
#include "base/finite.h"
#include "catch.h"
#include "evaluate/accuracy.h"
#include "evaluate/robustness.h"
#include "input_gradients.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "random_data.h"
#include "refusal_of.h"
#include "train/model_file.h"
#include "train/trainer.h"

using namespace inoculate;

namespace {

constexpr int kImages = 6;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A network with its weights, but for variances, times `factor`.
Network scaled(const Architecture& architecture, float factor) {
  Network network = random_network(architecture);
  for (float& value : network.parameters()) value *= factor;
  return network;
}

struct Scene {
  Network network;
  Matrix images = RandomData(1).images(kImages, network.input_size());
  Labels labels = RandomData(2).labels(kImages, network.classes());
};

bool told(const std::function<void()>& action) {
  const std::string message = refusal_of(action);
  INFO(message);
  CHECK(message.find('\n') == std::string::npos);
  return message.find("not finite") != std::string::npos;
}

struct Case {
  const AttackMethod* method;
  ThreatModel threat;
  AttackOptions options;

  AttackResult run(const Scene& scene, const Criterion& criterion = {}) const {
    const NetworkClassifier model(scene.network);
    AttackOptions mine = options;
    if (method->heeds(kSourceBit)) mine.source = &model;
    Rng rng(1);
    return method->run({model, scene.images, scene.labels, threat, criterion}, mine, rng, nullptr);
  }
};

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const AttackMethod& method : attack_methods()) {
    if (method.inside || method.heeds(kGeneratorBit)) continue;  // tests of their own
    std::vector<Norm> norms = method.norms;
    if (norms.empty()) norms = {Norm::kL2};
    for (const Norm norm : norms) {
      const float epsilon = !method.heeds(kEpsilonBit) ? kInfinity : norm == Norm::kL0 ? 4 : 0.1F;
      Case one{&method, {norm, epsilon, ValueRange{}}, {}};
      if (method.heeds(kStepsBit)) one.options.steps = 6;
      if (method.heeds(kQueriesBit)) one.options.queries = method.heeds(kStepSizeBit) ? 160 : 20;
      all.push_back(one);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("one value that is not finite is found, wherever it stands") {
  for (const int size : {1, 3, 16, 17, 50}) {
    std::vector<float> values = RandomData(3).numbers(size);
    for (float& value : values) value *= 3e38F;
    values[0] = std::numeric_limits<float>::denorm_min();
    CHECK(all_finite(values.data(), size));
    for (std::size_t i = 0; i < values.size(); ++i) {
      for (const float bad : {kInfinity, -kInfinity, std::nanf("")}) {
        std::vector<float> damaged = values;
        damaged[i] = bad;
        CHECK_FALSE(all_finite(damaged.data(), size));
      }
    }
  }
  CHECK(all_finite(nullptr, 0));
}

TEST_CASE("logits that overflow are an error, whoever asks") {
  for (const Architecture& architecture :
       {tiny_network(0), simple_cnn(0), mlp(20), logistic_regression()}) {
    CAPTURE(architecture.name);
    Scene scene{scaled(architecture, 1e38F)};
    for (float& value : scene.network.parameters()) value = std::abs(value);
    CHECK(told([&] { NetworkClassifier(scene.network).logits(scene.images); }));
    CHECK(told(
        [&] { input_gradients(scene.network, scene.images, scene.labels, Loss::kCrossEntropy); }));
    CHECK(told([&] {
      evaluate(NetworkClassifier(scene.network), examples_of(scene.images, scene.labels));
    }));
    CHECK(told([&] {
      judge_robustness(NetworkClassifier(scene.network), scene.images, scene.labels,
                       attack_suite("quick", Norm::kLinf), {});
    }));
    CHECK(told([&] { require_finite_answers(scene.network, "file"); }));
  }
}

TEST_CASE("no attack claims anything of a network that overflows") {
  const Scene scene{scaled(tiny_network(0), 1e38F)};
  for (const Case& c : cases()) {
    CAPTURE(c.method->name, static_cast<int>(c.threat.norm));
    CHECK(told([&] { c.run(scene); }));
  }
}

// Logits of all sizes below: what attacks make of them, squares and quotients, may overflow too.
TEST_CASE("attacks on logits near the largest float give valid images, or an error") {
  int valid = 0, refused = 0;
  for (const float factor : {1e2F, 1e3F, 1e4F, 1e5F}) {
    const Scene scene{scaled(tiny_network(0), factor)};
    const Matrix logits = NetworkClassifier(scene.network).logits(scene.images);
    CAPTURE(factor, logits.cwiseAbs().maxCoeff());
    for (const Case& c : cases()) {
      CAPTURE(c.method->name, static_cast<int>(c.threat.norm));
      for (const Criterion& criterion :
           {Criterion{}, Criterion{std::uint8_t{3}, 0}, Criterion{std::nullopt, 0.9F}}) {
        try {
          const AttackResult result = c.run(scene, criterion);
          ++valid;
          CHECK(result.adversaries.allFinite());
          CHECK(result.adversaries.minCoeff() >= 0);
          CHECK(result.adversaries.maxCoeff() <= 1);
          for (const float distance : result.distances) CHECK(std::isfinite(distance));
        } catch (const Error& error) {
          ++refused;
          CHECK(std::string(error.what()).find("not finite") != std::string::npos);
        }
      }
    }
  }
  CHECK(valid > 2 * refused);
}

TEST_CASE("training that diverges stops with an error, by every method") {
  for (const NamedMethod& method : training_methods()) {
    if (needs_objective(method.method)) continue;  // see their own tests
    for (const bool filled : {false, true}) {
      CAPTURE(method.name, filled);
      Scene scene{random_network(tiny_network())};
      if (!filled) scene.images.leftCols(scene.images.cols() / 2).setZero();
      TrainingOptions options;
      options.batch_size = kImages;
      options.epochs = 50;
      options.learning_rate = 1e30F;
      options.recipe.method = method.method;
      Trainer trainer(trainable(scene.network), examples_of(scene.images, scene.labels), options);
      CHECK(told([&] { trainer.run([](const TrainingProgress&) { return true; }); }));
      CHECK_FALSE(trainer.finished());
    }
  }
}

TEST_CASE("a hidden value that overflows both ways is seen in the logits") {
  // The hidden unit is the difference of two infinities, which a rectifier could take for 0.
  Network network(
      Architecture{"hidden", {1, 2, 1}, {DenseSpec{"a", 1}, ReluSpec{}, DenseSpec{"b", 2}}});
  const std::vector<float> weights{3e38F, -3e38F, 0, 1, -1, 0, 0};
  std::copy(weights.begin(), weights.end(), network.parameters().begin());
  const Matrix images = Matrix::Constant(1, 2, 2.0F);  // beyond the range, as --no-clip allows
  CHECK(told([&] { NetworkClassifier(network).logits(images); }));
}
