// Adversaries as pictures hold them: on 256 levels, within epsilon, and still successes.
#include "attack/quantise.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "attack/stored.h"
#include "catch.h"
#include "standard_scene.h"

using namespace inoculate;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Case {
  std::string attack;
  Norm norm;
  float epsilon;
  Criterion criterion{};
};

/// All pixels are levels, within epsilon of the image; pixels left alone are the image's own.
void check_levels(const AttackTask& task, const AttackResult& before, const AttackResult& after) {
  const auto epsilon = static_cast<double>(task.threat.epsilon);
  for (Eigen::Index i = 0; i < task.images.rows(); ++i) {
    int off = 0, changed = 0;
    double squares = 0, sum = 0, largest = 0;
    for (Eigen::Index j = 0; j < task.images.cols(); ++j) {
      const double x = static_cast<double>(after.adversaries(i, j));
      const double level = std::round(255 * x);
      off += std::abs(255 * x - level) > 1e-4 || level < 0 || level > 255;
      const double change = x - static_cast<double>(task.images(i, j));
      changed += change != 0;
      squares += change * change;
      sum += std::abs(change);
      largest = std::max(largest, std::abs(change));
    }
    CHECK(off == 0);
    const double size = task.threat.norm == Norm::kLinf ? largest
                        : task.threat.norm == Norm::kL2 ? std::sqrt(squares)
                        : task.threat.norm == Norm::kL1 ? sum
                                                        : changed;
    CHECK(size <= epsilon + 1e-6);
    CHECK(static_cast<double>(after.distances[static_cast<std::size_t>(i)]) ==
          Approx(size).margin(1e-6));
  }
  CHECK(as_stored(after.adversaries) == after.adversaries);
  CHECK(stored_success(task, after.adversaries) == after.success);
  CHECK(before.calls.size() == after.calls.size());
}

int both(const AttackResult& a, const AttackResult& b) {
  int count = 0;
  for (std::size_t i = 0; i < a.success.size(); ++i) count += a.success[i] & b.success[i];
  return count;
}

}  // namespace

TEST_CASE("99 of 100 successes of white boxes are successes on 256 levels") {
  StandardScene scene(kStandardImages);
  scene.images = as_stored(scene.images);
  const std::vector<Case> cases = {
      {"deepfool", Norm::kL2, kInfinity},
      {"deepfool", Norm::kLinf, kInfinity},
      {"cw", Norm::kL2, kInfinity},
      {"fgsm", Norm::kLinf, 0.1F},
      {"pgd", Norm::kLinf, 0.1F},
      {"pgd", Norm::kL2, 1.0F},
      {"apgd-ce", Norm::kLinf, 12.0F / 255},
      {"apgd-ce", Norm::kL2, 1.0F},
      {"apgd-ce", Norm::kL1, 10},
      {"jsma", Norm::kL0, 113},
      {"deepfool", Norm::kL2, kInfinity, {std::uint8_t{3}, 0}},
      {"deepfool", Norm::kL2, kInfinity, {{}, 0.95F}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.attack, static_cast<int>(c.norm), c.epsilon);
    const AttackTask task = scene.task({c.norm, c.epsilon, ValueRange{}}, c.criterion);
    const AttackResult before = run_attack(task, c.attack);
    Rng rng(1);
    const AttackResult after = quantise(task, before, Knowledge::kGradients, rng);
    check_levels(task, before, after);
    CHECK(before.successes() > kStandardImages / 6);
    CHECK(both(before, after) >= 0.99 * before.successes());
    // What rounding alone would leave.
    const auto rounded = stored_success(task, before.adversaries);
    const auto held = static_cast<double>(std::count(rounded.begin(), rounded.end(), 1));
    if (c.attack == "deepfool" && !c.criterion.target && c.criterion.confidence <= 0) {
      CHECK(held < 0.7 * before.successes());
    }
    // Hardly larger than before; in L-inf by less than a level, which all distances there consist
    // of.
    if (std::isinf(c.epsilon)) {
      double more = 0, was = 0;
      for (std::size_t i = 0; i < before.distances.size(); ++i) {
        was += static_cast<double>(before.distances[i]);
        more += static_cast<double>(after.distances[i]);
      }
      CHECK(more <= (c.norm == Norm::kL2 ? 1.02 * was : was + task.size() / 255.0));
    }
  }
}

TEST_CASE("black boxes are rounded by what they can ask, and pay for it") {
  StandardScene scene(kStandardImages / 2);
  scene.images = as_stored(scene.images);
  for (const Knowledge knowledge : {Knowledge::kProbabilities, Knowledge::kLabels}) {
    const ThreatModel threat{Norm::kL2, kInfinity, ValueRange{}};
    const AttackTask task = scene.task(threat);
    // At the boundary, where rounding undoes half.
    const AttackResult before = run_attack(task, "deepfool");
    Rng rng(1), again(1);
    const AttackResult after = quantise(task, before, knowledge, rng);
    check_levels(task, before, after);
    CHECK(both(before, after) >= 0.9 * before.successes());
    CHECK(quantise(task, before, knowledge, again).adversaries == after.adversaries);
    for (std::size_t i = 0; i < before.calls.size(); ++i) {
      CHECK(after.calls[i].gradient == before.calls[i].gradient);
      CHECK(after.calls[i].forward > before.calls[i].forward);
      CHECK(after.calls[i].forward <= before.calls[i].forward + 101);
    }
    // Who cannot ask only rounds.
    const AttackResult blind = quantise(task, before, Knowledge::kNothing, rng);
    check_levels(task, before, blind);
    CHECK(blind.adversaries == as_stored(before.adversaries));
    CHECK(blind.successes() < after.successes());
  }
}

TEST_CASE("without gradients an epsilon on levels is a whole number of them") {
  const auto epsilon = [](Norm norm, float given, Knowledge knowledge) {
    return on_levels({norm, given, {}}, knowledge).epsilon;
  };
  CHECK(epsilon(Norm::kLinf, 0.1F, Knowledge::kProbabilities) == Approx(25.0 / 255));
  CHECK(epsilon(Norm::kLinf, 8.0F / 255, Knowledge::kLabels) == Approx(8.0 / 255));
  CHECK(epsilon(Norm::kLinf, 0.003F, Knowledge::kNothing) == 0);
  CHECK(epsilon(Norm::kLinf, 1, Knowledge::kNothing) == 1);
  CHECK(epsilon(Norm::kLinf, kInfinity, Knowledge::kNothing) == kInfinity);
  CHECK(epsilon(Norm::kL2, 1.5F, Knowledge::kNothing) == 1.5F);
  CHECK(epsilon(Norm::kLinf, 0.1F, Knowledge::kGradients) == 0.1F);
}
