// A target for each image.
#include "attack/targets.h"

#include <algorithm>
#include <set>

#include "attack/registry.h"
#include "attack/run.h"
#include "catch.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

constexpr int kImages = 9;

struct Scene {
  Network network = random_network(tiny_network(0));
  NetworkClassifier model{network};
  NetworkClassifier source{random_network(tiny_network(0), 2)};
  Matrix images = RandomData(8).images(kImages, network.input_size());
  Labels labels = most_likely(model.logits(images));
};

AttackOptions quick(const AttackMethod& method, const Classifier& source) {
  AttackOptions options;
  if (method.heeds(kStepsBit)) options.steps = method.heeds(kNearestBit) ? 40 : 5;
  if (method.heeds(kQueriesBit)) options.queries = method.heeds(kStepSizeBit) ? 160 : 30;
  if (method.heeds(kRestartsBit)) options.restarts = 2;
  options.source = &source;
  return options;
}

}  // namespace

TEST_CASE("random targets are wrong classes, follow from seed and number, and take all of them") {
  const Scene scene;
  const ThreatModel threat;
  const Matrix many = scene.images.row(0).replicate(400, 1);
  const Labels same(400, scene.labels[0]);
  Rng a(1), b(1), c(2);
  const auto targets = random_targets({scene.model, many, same, threat, {}}, a);
  std::set<int> seen(targets.begin(), targets.end());
  CHECK(seen.size() == 9);
  CHECK_FALSE(seen.contains(scene.labels[0]));
  CHECK(*seen.begin() >= 0);
  CHECK(*seen.rbegin() <= 9);
  for (const int target : seen) CHECK(std::count(targets.begin(), targets.end(), target) > 20);
  CHECK(random_targets({scene.model, many, same, threat, {}}, c) != targets);
  const std::vector<int> numbers{17};
  const AttackTask alone{scene.model, scene.images.topRows(1), same, threat, {}, numbers};
  CHECK(random_targets(alone, b) == std::vector<int>{targets[17]});
}

TEST_CASE("the least likely target has the least logit of the wrong classes") {
  const Scene scene;
  const auto targets =
      least_likely_targets({scene.model, scene.images, scene.labels, ThreatModel{}, {}});
  const Matrix logits = scene.model.logits(scene.images);
  for (int i = 0; i < kImages; ++i) {
    const int target = targets[static_cast<std::size_t>(i)];
    CHECK(target != scene.labels[static_cast<std::size_t>(i)]);
    CHECK(logits(i, target) == logits.row(i).minCoeff());
  }
}

TEST_CASE("with a target each an image fares as it does alone with that target") {
  const Scene scene;
  std::vector<int> targets;
  for (std::size_t i = 0; i < kImages; ++i) {
    targets.push_back((scene.labels[i] + 1 + static_cast<int>(i) % 3) % 10);
  }
  for (const AttackMethod& method : attack_methods()) {
    if (!method.heeds(kTargetBit) || method.inside) continue;
    CAPTURE(method.name);
    const Norm norm = method.norms.empty() ? Norm::kL2 : method.norms[0];
    const float epsilon = method.heeds(kEpsilonBit) ? (norm == Norm::kL0 ? 20.0F : 0.5F)
                                                    : default_epsilon(method, norm);
    const ThreatModel threat{norm, epsilon, ValueRange{}};
    const AttackOptions options = quick(method, scene.source);
    AttackTask task{scene.model, scene.images, scene.labels, threat, {}};
    task.targets = targets;
    Rng rng(1);
    if (method.heeds(kOneForAllBit)) {
      CHECK(refusal_of([&] { run_attack(method, task, options, rng); }).find("target each") !=
            std::string::npos);
      continue;
    }
    const AttackResult result = run_attack(method, task, options, rng);
    const Labels read = most_likely(scene.model.logits(result.adversaries));
    for (std::size_t i = 0; i < kImages; ++i) {
      CHECK((result.success[i] != 0) == (read[i] == targets[i]));
    }
    if (method.heeds(kTogetherBit)) continue;
    for (int i = 0; i < kImages; ++i) {
      CAPTURE(i);
      const Matrix image = scene.images.row(i);
      const Labels label{scene.labels[static_cast<std::size_t>(i)]};
      const std::vector<int> number{i};
      AttackTask alone{scene.model, image, label, threat, {targets[static_cast<std::size_t>(i)], 0},
                       number};
      Rng own(1);
      const AttackResult expected = run_attack(method, alone, options, own);
      CHECK(result.adversaries.row(i) == expected.adversaries.row(0));
      CHECK(result.success[static_cast<std::size_t>(i)] == expected.success[0]);
    }
  }
}
