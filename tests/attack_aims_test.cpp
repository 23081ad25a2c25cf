// Attacks that offer a confidence aim for it.
#include <cmath>
#include <limits>
#include <set>
#include <string>

#include "attack/margin.h"
#include "attack/registry.h"
#include "catch.h"
#include "nn/softmax.h"
#include "random_data.h"
#include "standard_scene.h"

using namespace inoculate;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr int kClasses = 10;

// Successes by the probabilities of a plain prediction.
int sure_successes(const AttackTask& task, const AttackResult& result) {
  Matrix p = task.model.logits(result.adversaries);
  const Labels read = most_likely(p);
  softmax(p.data(), p.data(), static_cast<int>(p.rows()), task.classes());
  int count = 0;
  for (std::size_t i = 0; i < read.size(); ++i) {
    const bool wanted =
        task.criterion.target ? read[i] == *task.criterion.target : read[i] != task.labels[i];
    count += wanted && p(static_cast<Eigen::Index>(i), read[i]) >= task.criterion.confidence;
  }
  CHECK(result.successes() == count);
  return count;
}

}  // namespace

TEST_CASE("the margin is below 0 where the criterion is met, and its gradient is its slope") {
  RandomData random(3);
  int met = 0, unmet = 0;
  for (const float confidence : {0.0F, 0.3F, 0.9F, 0.99F}) {
    for (int trial = 0; trial < 200; ++trial) {
      Criterion criterion{{}, confidence};
      if (trial % 2 == 0) criterion.target = std::uint8_t{3};
      std::vector<float> z = random.numbers(kClasses, -6, 6);
      const int label = trial % 3;
      std::vector<float> d(kClasses);
      const float m = margin(criterion, z.data(), kClasses, label, d.data());
      CAPTURE(confidence, trial, m);
      if (std::abs(m) < 1e-3F) continue;
      CHECK(meets(criterion, z.data(), kClasses, label) == (m < 0));
      (m < 0 ? met : unmet) += 1;
      CHECK(margin(criterion, z.data(), kClasses, label) == m);
      for (std::size_t k = 0; k < kClasses; ++k) {
        const float was = z[k], step = 0.01F;
        z[k] = was + step;
        const float above = margin(criterion, z.data(), kClasses, label);
        z[k] = was - step;
        const float below = margin(criterion, z.data(), kClasses, label);
        z[k] = was;
        // Where two logits are all but equal there is no slope.
        const float forward = (above - m) / step, backward = (m - below) / step;
        if (std::abs(forward - backward) > 0.05F) continue;
        CHECK((above - below) / (2 * step) == Approx(d[k]).margin(0.02));
      }
    }
  }
  CHECK(met > 100);
  CHECK(unmet > 100);
}

TEST_CASE("a probability of 1 is a margin that can be reached") {
  std::vector<float> z(kClasses, 0.0F);
  for (const float lead : {5.0F, 15.0F, 25.0F}) {
    z[4] = lead;
    const Criterion certain{std::uint8_t{4}, 1.0F};
    const float m = margin(certain, z.data(), kClasses, 0);
    CHECK(std::isfinite(m));
    CHECK(meets(certain, z.data(), kClasses, 0) == (m <= 0));
  }
}

TEST_CASE("attacks of any size reach a confidence in at least 95 of 100 images") {
  const StandardScene scene(kStandardImages / 2);
  for (const float confidence : {0.9F, 0.99F}) {
    for (const auto& [name, norm] : {std::pair{"cw", Norm::kL2}, std::pair{"deepfool", Norm::kL2},
                                     std::pair{"deepfool", Norm::kLinf}}) {
      CAPTURE(confidence, name, static_cast<int>(norm));
      const AttackTask task = scene.task({norm, kInfinity, ValueRange{}}, {{}, confidence});
      const AttackResult result = run_attack(task, name);
      CHECK(sure_successes(task, result) >= 0.95 * task.size());
    }
  }
}

TEST_CASE("attacks within an epsilon aim for a confidence and not for any mistake") {
  const StandardScene scene(kStandardImages / 2);
  std::set<std::string> aiming;
  for (const AttackMethod& method : attack_methods()) {
    if (method.knowledge != Knowledge::kGradients || !method.heeds(kConfidenceBit) ||
        method.heeds(kNearestBit) || method.inside ||
        std::string(method.name).starts_with("fgsm")) {
      continue;  // a single step goes towards it, however far it comes
    }
    CAPTURE(method.name);
    aiming.insert(method.name);
    const Norm norm = method.norms[0];
    const AttackTask task =
        scene.task({norm, norm == Norm::kL0 ? 113 : 0.25F, ValueRange{}}, {{}, 0.99F});
    const AttackResult result = run_attack(task, method.name);
    CHECK(sure_successes(task, result) >= 0.95 * task.size());
  }
  CHECK(aiming == std::set<std::string>{"apgd-ce", "apgd-t", "bim", "jsma", "jsma-one", "momentum",
                                        "pgd", "pgd-smooth"});
}
