#include "evaluate/robustness.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "judged_scene.h"
#include "model/network_classifier.h"

using namespace inoculate;

namespace {

std::vector<std::string> names_of(const std::vector<JudgedAttack>& suite) {
  std::vector<std::string> names;
  for (const JudgedAttack& a : suite) names.emplace_back(a.method->name);
  return names;
}

}  // namespace

TEST_CASE("the worst case is an image's, over all attacks") {
  const Scene scene;
  const Verdict v = scene.judge({{&kHalf, {}}, {&kThird, {}}});
  CHECK(v.n == 30);
  CHECK(v.clean == 27);
  REQUIRE(v.attacks.size() == 2);
  // Of 27 images 0, 2, .. 26 fall to the one and 0, 3, .. 24 to the other.
  CHECK(v.attacks[0].tried == 27);
  CHECK(v.attacks[0].withstood == 13);
  CHECK(v.attacks[1].withstood == 18);
  CHECK(v.worst_case == 9);
  CHECK(v.accuracy_after(1) == Approx(18.0 / 30));
  CHECK(v.attacks[0].mean_distance == Approx(0.01));
  CHECK(v.attacks[0].forward_calls == 27);
  CHECK(v.attacks[0].gradient_calls == 54);
  for (std::size_t i = 0; i < kImages; ++i) {
    const bool falls = i < 3 || (i - 3) % 2 == 0 || (i - 3) % 3 == 0;
    CHECK((v.robust[i] != 0) == !falls);
  }
}

TEST_CASE("each attack keeps the first image of each class that it had") {
  const Scene scene;
  const Verdict v = scene.judge(attack_suite("fgsm,bim", Norm::kLinf));
  std::vector<int> first;
  std::vector<bool> seen(10);
  for (std::size_t i = 3; i < kImages; ++i) {  // the first three are read wrong from the start
    const auto label = static_cast<std::size_t>(scene.labels[i]);
    if (seen[label]) continue;
    seen[label] = true;
    first.push_back(static_cast<int>(i));
  }
  REQUIRE(first.size() > 1);
  for (std::size_t k = 0; k < 2; ++k) {
    const AttackScore& score = v.attacks[k];
    CHECK(score.examples == first);
    REQUIRE(score.adversaries.rows() == static_cast<Eigen::Index>(first.size()));
    const Labels read = most_likely(NetworkClassifier(scene.network).logits(score.adversaries));
    for (std::size_t i = 0; i < first.size(); ++i) {
      const auto row = static_cast<std::size_t>(first[i]);
      CHECK((read[i] != scene.labels[row]) == (v.fooled[k][row] != 0));
      const float size =
          (score.adversaries.row(static_cast<Eigen::Index>(i)) - scene.images.row(first[i]))
              .cwiseAbs()
              .maxCoeff();
      CHECK(size > 0);
      CHECK(size <= 0.02F * 1.0001F);
    }
  }
}

TEST_CASE("a cascade attacks what is left, and comes to the same worst case image by image") {
  for (const Norm norm : {Norm::kLinf, Norm::kL2, Norm::kL1}) {
    Scene scene;
    const float epsilon = norm == Norm::kLinf ? 0.03F : norm == Norm::kL2 ? 0.1F : 0.5F;
    scene.options.threat = {norm, epsilon, ValueRange{}};
    const bool l1 = norm == Norm::kL1;
    std::vector<std::string> suites{"quick", "autoattack"};
    if (!l1) suites.push_back("fgsm,bim,apgd-ce");
    // Every attack after one that fools a few images, and before another.
    for (const AttackMethod& method : attack_methods()) {
      const auto& norms = method.norms;
      if (!norms.empty() && std::find(norms.begin(), norms.end(), norm) == norms.end()) continue;
      if (method.heeds(kSourceBit) || method.heeds(kGeneratorBit) || method.inside) continue;
      suites.push_back((l1 ? "square," : "uniform-noise,") + std::string(method.name) +
                       (l1 ? ",apgd-ce" : ",fgsm"));
    }
    int telling = 0;  // suites whose second attack has images to spare, and fools some that are new
    for (const std::string& name : suites) {
      CAPTURE(name, static_cast<int>(norm));
      std::vector<JudgedAttack> suite = attack_suite(name, norm);
      for (JudgedAttack& attack : suite) {
        if (attack.method->heeds(kQueriesBit)) attack.options.queries = 160;
        if (attack.method->heeds(kStepsBit)) attack.options.steps = 10;
      }
      scene.options.cascade = false;
      const Verdict whole = scene.judge(suite);
      scene.options.cascade = true;
      const Verdict cascade = scene.judge(suite);
      CHECK(cascade.robust == whole.robust);
      CHECK(cascade.worst_case == whole.worst_case);
      int left = cascade.clean;
      std::vector<std::uint8_t> fallen(kImages);
      for (std::size_t k = 0; k < suite.size(); ++k) {
        CHECK(cascade.attacks[k].tried == left);
        left = cascade.attacks[k].withstood;
        telling += k == 1 && cascade.attacks[1].tried < cascade.clean &&
                   cascade.attacks[1].tried > left && left > 0;
        // An image falls to the first of the suite's attacks that fools it.
        for (std::size_t i = 0; i < kImages; ++i) {
          CHECK(cascade.fooled[k][i] == (whole.fooled[k][i] != 0 && fallen[i] == 0));
          fallen[i] |= whole.fooled[k][i];
        }
      }
      CHECK(left == cascade.worst_case);
    }
    CHECK(telling >= (l1 ? 2 : 10));
  }
}

TEST_CASE("adversaries are counted once more as 8-bit pictures, where fewer of them hold") {
  Scene scene;
  scene.images = (255 * scene.images).array().round() / 255;
  scene.labels = most_likely(NetworkClassifier(scene.network).logits(scene.images));
  scene.options.threat.epsilon = 0.1F;
  const auto suite = attack_suite("deepfool,fgsm", Norm::kLinf);
  const Verdict v = scene.judge(suite);
  std::vector<bool> holds(kImages, true);
  for (std::size_t k = 0; k < suite.size(); ++k) {
    const NetworkClassifier model(scene.network);
    Rng rng(scene.options.seed);
    const AttackResult result = suite[k].method->run(
        {model, scene.images, scene.labels, scene.options.threat, {}}, suite[k].options, rng, {});
    const Matrix stored = (255 * result.adversaries).array().round() / 255;
    const Labels read = most_likely(NetworkClassifier(scene.network).logits(stored));
    int withstood = 0;
    for (std::size_t i = 0; i < kImages; ++i) {
      withstood += read[i] == scene.labels[i];
      holds[i] = holds[i] && read[i] == scene.labels[i];
    }
    CHECK(v.attacks[k].stored_withstood == withstood);
  }
  CHECK(v.stored_worst_case == std::count(holds.begin(), holds.end(), true));
  CHECK(v.attacks[0].stored_withstood > v.attacks[0].withstood);  // DeepFool stops at the boundary

  scene.options.quantise = true;
  const Verdict quantised = scene.judge(suite);
  for (const AttackScore& score : quantised.attacks) {
    CHECK(score.stored_withstood == score.withstood);
  }
  CHECK(quantised.stored_worst_case == quantised.worst_case);
  CHECK(quantised.attacks[0].withstood < v.attacks[0].stored_withstood);
}

TEST_CASE("suites are those of their names, as far as they have the norm") {
  using Names = std::vector<std::string>;
  CHECK(names_of(attack_suite("standard", Norm::kLinf)) ==
        Names{"apgd-ce", "apgd-t", "pgd-smooth", "deepfool", "square"});
  CHECK(names_of(attack_suite("standard", Norm::kL2)) ==
        Names{"apgd-ce", "apgd-t", "pgd-smooth", "deepfool", "square"});
  CHECK(names_of(attack_suite("standard", Norm::kL1)) == Names{"apgd-ce", "apgd-t", "square"});
  for (const Norm norm : {Norm::kLinf, Norm::kL2, Norm::kL1}) {
    CHECK(names_of(attack_suite("autoattack", norm)) ==
          Names{"apgd-ce", "apgd-t", "fab-t", "square"});
  }
  CHECK(is_cascade("autoattack"));
  CHECK_FALSE(is_cascade("standard"));
  CHECK(names_of(attack_suite("quick", Norm::kL1)) == Names{"apgd-ce", "apgd-t", "square"});
  CHECK(names_of(attack_suite("quick", Norm::kLinf)) ==
        Names{"fgsm", "apgd-ce", "apgd-t", "square"});
  CHECK(names_of(attack_suite("pgd,line", Norm::kL2)) == Names{"pgd", "line"});
  for (const char* wrong : {"", "magic", "pgd,", "pgd,,bim", "transfer"}) {
    CHECK_THROWS_AS(attack_suite(wrong, Norm::kLinf), Error);
  }
  CHECK_THROWS_AS(attack_suite("cw", Norm::kLinf), Error);
  CHECK_THROWS_AS(attack_suite("pgd", Norm::kL1), Error);
}

TEST_CASE("the curve starts at the clean accuracy and never rises") {
  const Scene scene;
  for (const Norm norm : {Norm::kLinf, Norm::kL2, Norm::kL1}) {
    CAPTURE(static_cast<int>(norm));
    std::vector<float> epsilons{0, 0.01F, 0.02F, 0.1F, 0.5F};
    const float unit = norm == Norm::kLinf ? 1 : norm == Norm::kL2 ? 9 : 80;
    for (float& epsilon : epsilons) epsilon *= unit;
    const std::vector<double> curve =
        curve_of(epsilons_withstood(NetworkClassifier(scene.network), scene.images, scene.labels,
                                    norm, epsilons, 1, 0),
                 epsilons.size());
    CHECK(curve.front() == Approx(0.9));
    CHECK(std::is_sorted(curve.rbegin(), curve.rend()));
    CHECK(curve.back() == 0);
  }
}

TEST_CASE("a cancelled judgement says so") {
  const Scene scene;
  const Verdict v =
      judge_robustness(NetworkClassifier(scene.network), scene.images, scene.labels,
                       attack_suite("bim,pgd", Norm::kLinf), scene.options,
                       [](const std::string&, const AttackProgress&) { return false; });
  CHECK(v.cancelled);
  CHECK(v.attacks.size() == 1);
}

TEST_CASE("attacks that a suite leaves out for its norm are known") {
  CHECK(left_out_of_suite("standard", Norm::kLinf).empty());
  CHECK(left_out_of_suite("standard", Norm::kL2).empty());
  REQUIRE(left_out_of_suite("standard", Norm::kL1).size() == 2);
  CHECK(left_out_of_suite("standard", Norm::kL1)[0]->name == std::string("pgd-smooth"));
  CHECK(left_out_of_suite("standard", Norm::kL1)[1]->name == std::string("deepfool"));
  CHECK(left_out_of_suite("autoattack", Norm::kL1).empty());
  CHECK(left_out_of_suite("pgd", Norm::kL2).empty());
}
