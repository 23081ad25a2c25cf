// HopSkipJump and the boundary attack, which see the class alone.
#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "attack/boundary.h"
#include "attack/ddn.h"
#include "attack/hop_skip_jump.h"
#include "attack/nes.h"
#include "catch.h"
#include "counting_classifier.h"
#include "model/network_classifier.h"
#include "networks.h"

using namespace inoculate;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Scene {
  Network network = random_network(tiny_network(0));
  NetworkClassifier inside{network};
  CountingLabels model{inside};
  Matrix images = RandomData(4).images(6, network.input_size());
  Labels labels = most_likely(inside.logits(images));

  AttackTask task(Norm norm, const Classifier& asked) const {
    return {asked, images, labels, {norm, kInfinity, ValueRange{}}, {}};
  }
};

AttackResult run(const AttackTask& task, bool jump, int queries) {
  Rng rng(1);
  if (!jump) {
    BoundaryOptions options;
    options.queries = queries;
    return boundary(task, options, rng);
  }
  HopSkipJumpOptions options;
  options.queries = queries;
  options.first_samples = 40;
  return hop_skip_jump(task, options, rng);
}

double mean(const std::vector<float>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("attacks by labels count every query and keep to their budget") {
  const Scene scene;
  for (const bool jump : {false, true}) {
    for (const int queries : {2, 3, 30, 700}) {
      CAPTURE(jump, queries);
      const AttackTask task = scene.task(Norm::kL2, scene.model);
      scene.model.asked = 0;
      const AttackResult result = run(task, jump, queries);
      int counted = 0;
      for (const AttackCalls& calls : result.calls) {
        CHECK(calls.forward <= queries);
        CHECK(calls.gradient == 0);
        counted += calls.forward;
      }
      // But for the judge's last look at each image.
      CHECK(counted == scene.model.asked - task.size());
    }
  }
}

TEST_CASE("with more queries attacks by labels come nearer, and near to what gradients reach") {
  const Scene scene;
  const AttackResult white = ddn(scene.task(Norm::kL2, scene.inside), {});
  for (const bool jump : {false, true}) {
    CAPTURE(jump);
    const AttackTask task = scene.task(Norm::kL2, scene.model);
    const AttackResult few = run(task, jump, 150);
    const AttackResult many = run(task, jump, 6000);
    CHECK(few.successes() == task.size());
    CHECK(many.successes() == task.size());
    CHECK(mean(many.distances) < mean(few.distances));
    CHECK(mean(many.distances) < 1.5 * mean(white.distances));
  }
  const AttackTask linf = scene.task(Norm::kLinf, scene.model);
  CHECK(mean(run(linf, true, 6000).distances) < mean(run(linf, true, 150).distances));
}

TEST_CASE("where nothing is read as wanted there is no start, which is told") {
  Scene scene;
  // A class that the network never reads, since its logit is the least.
  auto parameters = scene.network.parameters();
  const int unread = 3;
  parameters[parameters.size() - 10 + unread] = -1000;
  const NetworkClassifier biased(scene.network);
  const Labels labels = most_likely(biased.logits(scene.images));
  for (const bool jump : {false, true}) {
    const AttackTask task{
        biased, scene.images, labels, {Norm::kL2, kInfinity, ValueRange{}}, {unread, 0}};
    const AttackResult result = run(task, jump, 200);
    CHECK(result.without_start == task.size());
    CHECK(result.successes() == 0);
    CHECK(result.adversaries == scene.images);
  }
  for (const NesKnowledge knowledge : {NesKnowledge::kTopClass, NesKnowledge::kLabel}) {
    NesOptions options;
    options.knowledge = knowledge;
    Rng rng(1);
    const AttackTask task{
        biased, scene.images, labels, {Norm::kLinf, 0.3F, ValueRange{}}, {unread, 0}};
    CHECK(nes(task, options, rng).without_start == task.size());
  }
  // With a target that others have they are where it starts.
  const int target = labels[0];
  const AttackTask task{
      biased, scene.images, labels, {Norm::kL2, kInfinity, ValueRange{}}, {target, 0}};
  const AttackResult result = run(task, true, 300);
  CHECK(result.without_start == 0);
  CHECK(result.successes() == task.size());
}
