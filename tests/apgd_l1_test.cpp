// What Auto-PGD does otherwise in L1.
#include "attack/apgd_l1.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "attack/apgd.h"
#include "catch.h"
#include "random_data.h"
#include "standard_scene.h"

using namespace inoculate;

TEST_CASE("the stages of APGD in L1 are those of the paper, and take all steps") {
  const auto stages = l1_stages(12, 100);
  REQUIRE(stages.size() == 3);
  CHECK(stages[0].epsilon == 36);
  CHECK(stages[1].epsilon == 24);
  CHECK(stages[2].epsilon == 12);
  CHECK(stages[0].steps == 30);
  CHECK(stages[1].steps == 30);
  CHECK(stages[2].steps == 40);
  for (int steps = 1; steps < 30; ++steps) {
    int sum = 0;
    for (const ApgdStage& stage : l1_stages(1, steps)) {
      CHECK(stage.steps > 0);
      sum += stage.steps;
    }
    CHECK(sum == steps);
    CHECK(l1_stages(1, steps).back().epsilon == 1);
  }
}

TEST_CASE("a sparse step moves the steepest values alike, and is as long as it says") {
  RandomData data(1);
  for (const float density : {0.001F, 0.1F, 0.5F, 1.0F}) {
    const std::vector<float> from = data.numbers(50), gradient = data.numbers(50);
    std::vector<float> x(50);
    sparse_step(x.data(), from.data(), gradient.data(), 50, density, 2);
    float sum = 0, least_moved = 1, most_left = 0;
    int moved = 0;
    for (std::size_t j = 0; j < 50; ++j) {
      const float change = x[j] - from[j];
      sum += std::abs(change);
      moved += change != 0;
      CHECK(change * gradient[j] >= 0);
      (change != 0 ? least_moved : most_left) = change != 0
                                                    ? std::min(least_moved, std::abs(gradient[j]))
                                                    : std::max(most_left, std::abs(gradient[j]));
    }
    CHECK(sum == Approx(2).epsilon(1e-5));
    CHECK(moved == std::max(1, static_cast<int>(std::lround(50 * density))));
    CHECK(least_moved > most_left);
  }
  const std::vector<float> still(50);
  std::vector<float> x(50, 1.0F);
  sparse_step(x.data(), still.data(), still.data(), 50, 0.5F, 2);
  CHECK(x == still);
}

TEST_CASE("steps are whole again where the best point has become sparser, else they shorten") {
  const std::vector<float> image(100);
  std::vector<float> x(100);
  std::fill_n(x.begin(), 60, 0.1F);
  SparseStep step(3, x.data(), image.data(), 100);
  CHECK(step.length == 3);
  CHECK(step.density == Approx(0.4));
  CHECK_FALSE(step.check(3, x.data(), image.data(), 100));
  CHECK(step.length == Approx(2));
  std::fill_n(x.begin(), 30, 0.0F);
  CHECK(step.check(3, x.data(), image.data(), 100));
  CHECK(step.length == 3);
  CHECK(step.density == Approx(0.2));
  for (int k = 0; k < 20; ++k) CHECK_FALSE(step.check(3, x.data(), image.data(), 100));
  CHECK(step.length == Approx(0.3));
}

TEST_CASE("APGD in L1 finds sparse adversaries, and more of them than noise of the same size") {
  const StandardScene scene(kStandardImages / 2);
  const AttackTask task = scene.task({Norm::kL1, 8, ValueRange{}});
  for (const char* name : {"apgd-ce", "apgd-t"}) {
    CAPTURE(name);
    const AttackResult result = run_attack(task, name);
    CHECK(result.successes() > 0.5 * task.size());
    for (int i = 0; i < task.size(); ++i) {
      const auto changed = (result.adversaries.row(i).array() != task.images.row(i).array());
      CHECK(changed.count() < 300);
      const AttackCalls& calls = result.calls[static_cast<std::size_t>(i)];
      CHECK(calls.gradient <= (name == std::string("apgd-t") ? 5 : 1) * 103);
    }
  }
}
