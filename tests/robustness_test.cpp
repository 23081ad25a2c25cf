#include "evaluate/robustness.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "catch.h"
#include "evaluate/alarms.h"
#include "networks.h"
#include "nn/inference.h"
#include "random_data.h"

using namespace inoculate;

namespace {

constexpr int kImages = 30;

/// A network with images of which it reads all but the first three right.
struct Scene {
  Network network;
  Matrix images;
  Labels labels;
  JudgeOptions options;

  explicit Scene(Network judged = random_network(tiny_network(0)))
      : network(std::move(judged)),
        images(RandomData(1).images(kImages, network.input_size())),
        labels(most_likely(predict_logits(network, images))) {
    for (std::size_t i = 0; i < 3; ++i) labels[i] = static_cast<std::uint8_t>((labels[i] + 1) % 10);
    options.threat.epsilon = 0.02F;
  }
  Verdict judge(const std::vector<JudgedAttack>& suite) const {
    return judge_robustness(network, images, labels, suite, options);
  }
  std::vector<std::string> alarms(const std::vector<JudgedAttack>& suite) const {
    std::vector<std::string> names;
    for (const Alarm& a : find_alarms(network, images, labels, suite, judge(suite), options)) {
      names.push_back(a.name);
    }
    return names;
  }
};

bool contains(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> names_of(const std::vector<JudgedAttack>& suite) {
  std::vector<std::string> names;
  for (const JudgedAttack& a : suite) names.emplace_back(a.method->name);
  return names;
}

// Says by which attack an image falls: a stand-in for a method, whose adversaries are the images
// themselves or, for every `stride`-th of its images, an image of another class.
template <int stride>
AttackResult fooling_every(const AttackTask& task, const AttackOptions&, Rng&,
                           const OnAttackProgress&) {
  AttackResult result;
  result.adversaries = task.images;
  for (int i = 0; i < task.size(); ++i) {
    result.success.push_back(i % stride == 0);
    result.distances.push_back(0.01F);
    result.calls.push_back({1, 2});
  }
  return result;
}

const AttackMethod kHalf{"half", "", "", {Norm::kLinf}, Knowledge::kGradients, 0, fooling_every<2>};
const AttackMethod kThird{"third",         "", "", {Norm::kLinf}, Knowledge::kProbabilities, 0,
                          fooling_every<3>};

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
    if (seen[scene.labels[i]]) continue;
    seen[scene.labels[i]] = true;
    first.push_back(static_cast<int>(i));
  }
  REQUIRE(first.size() > 1);
  for (std::size_t k = 0; k < 2; ++k) {
    const AttackScore& score = v.attacks[k];
    CHECK(score.examples == first);
    REQUIRE(score.adversaries.rows() == static_cast<Eigen::Index>(first.size()));
    const Labels read = most_likely(predict_logits(scene.network, score.adversaries));
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
  for (const Norm norm : {Norm::kLinf, Norm::kL2}) {
    Scene scene;
    scene.options.threat = {norm, norm == Norm::kLinf ? 0.03F : 0.1F, ValueRange{}};
    std::vector<std::string> suites{"quick", "fgsm,bim,apgd-ce"};
    // Every attack after one that fools a few images, and before another.
    for (const AttackMethod& method : attack_methods()) {
      const auto& norms = method.norms;
      if (!norms.empty() && std::find(norms.begin(), norms.end(), norm) == norms.end()) continue;
      if (method.heeds(kSourceBit)) continue;
      suites.push_back("uniform-noise," + std::string(method.name) + ",fgsm");
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
    CHECK(telling >= 10);
  }
}

TEST_CASE("adversaries are counted once more as 8-bit pictures, where fewer of them hold") {
  Scene scene;
  scene.images = (255 * scene.images).array().round() / 255;
  scene.labels = most_likely(predict_logits(scene.network, scene.images));
  scene.options.threat.epsilon = 0.1F;
  const auto suite = attack_suite("deepfool,fgsm", Norm::kLinf);
  const Verdict v = scene.judge(suite);
  std::vector<bool> holds(kImages, true);
  for (std::size_t k = 0; k < suite.size(); ++k) {
    const FrozenNetwork frozen(scene.network, FrozenNetwork::For::kGradients);
    Rng rng(scene.options.seed);
    const AttackResult result = suite[k].method->run(
        {frozen, scene.images, scene.labels, scene.options.threat, {}}, suite[k].options, rng, {});
    const Matrix stored = (255 * result.adversaries).array().round() / 255;
    const Labels read = most_likely(predict_logits(scene.network, stored));
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
        Names{"apgd-ce", "apgd-t", "pgd-smooth", "deepfool"});
  CHECK(names_of(attack_suite("quick", Norm::kLinf)) ==
        Names{"fgsm", "apgd-ce", "apgd-t", "square"});
  CHECK(names_of(attack_suite("pgd,line", Norm::kL2)) == Names{"pgd", "line"});
  for (const char* wrong : {"", "magic", "pgd,", "pgd,,bim", "transfer"}) {
    CHECK_THROWS_AS(attack_suite(wrong, Norm::kLinf), Error);
  }
  CHECK_THROWS_AS(attack_suite("cw", Norm::kLinf), Error);
}

TEST_CASE("the curve starts at the clean accuracy and never rises") {
  const Scene scene;
  const std::vector<double> curve = robustness_curve(scene.network, scene.images, scene.labels,
                                                     Norm::kLinf, {0, 0.01F, 0.02F, 0.1F, 0.5F}, 1);
  CHECK(curve.front() == Approx(0.9));
  CHECK(std::is_sorted(curve.rbegin(), curve.rend()));
  CHECK(curve.back() == 0);
}

TEST_CASE("an honest network rings no alarm") {
  const Scene scene;
  CHECK(scene.alarms(attack_suite("quick", Norm::kLinf)).empty());
}

TEST_CASE("images that fall to a black box alone ring") {
  const Scene scene;
  CHECK(contains(scene.alarms({{&kHalf, {}}, {&kThird, {}}}), "black-box-beats-white-box"));
  CHECK_FALSE(contains(scene.alarms({{&kHalf, {}}}), "black-box-beats-white-box"));
  // Without a white box there is nothing that it could beat.
  CHECK_FALSE(contains(scene.alarms({{&kThird, {}}}), "black-box-beats-white-box"));
  // Nor where it comes first in a cascade: what it fools, the white box is not asked about.
  Scene cascade;
  cascade.options.cascade = true;
  CHECK(contains(cascade.alarms({{&kHalf, {}}, {&kThird, {}}}), "black-box-beats-white-box"));
  CHECK_FALSE(contains(cascade.alarms({{&kThird, {}}, {&kHalf, {}}}), "black-box-beats-white-box"));
}

TEST_CASE("every sign is told apart, and only those that a suite can show are looked for") {
  const auto shown = [](const std::vector<JudgedAttack>& suite, float epsilon,
                        bool cascade = false) {
    std::vector<std::string> names;
    for (const AlarmKind& kind : alarm_kinds()) {
      if (can_ring(kind, suite, {{Norm::kLinf, epsilon, ValueRange{}}, 1, cascade})) {
        names.emplace_back(kind.name);
      }
    }
    return names;
  };
  CHECK(shown({{&kHalf, {}}, {&kThird, {}}}, 0.1F).size() == alarm_kinds().size());
  CHECK_FALSE(contains(shown({{&kHalf, {}}}, 0.1F), "black-box-beats-white-box"));
  CHECK_FALSE(contains(shown({{&kThird, {}}}, 0.1F), "black-box-beats-white-box"));
  // What a black box has fooled, no later attack of a cascade sees.
  CHECK(contains(shown({{&kHalf, {}}, {&kThird, {}}}, 0.1F, true), "black-box-beats-white-box"));
  CHECK_FALSE(
      contains(shown({{&kThird, {}}, {&kHalf, {}}}, 0.1F, true), "black-box-beats-white-box"));
  CHECK_FALSE(contains(shown({{&kHalf, {}}}, 0), "one-step-beats-many"));
  CHECK_FALSE(contains(shown({{&kHalf, {}}}, 0), "larger-epsilon-helps"));
}

TEST_CASE("a network without gradients rings") {
  // A layer of rectifiers that are all shut: the logits are constant.
  Network network(
      Architecture{"shut", {6, 5, 1}, {DenseSpec{"a", 8}, ReluSpec{}, DenseSpec{"b", 10}}});
  Rng rng(1);
  network.initialize(rng);
  for (const TensorInfo& tensor : network.tensors()) {
    for (std::size_t i = 0; tensor.name == "a/bias" && i < tensor.size; ++i) {
      network.parameters()[tensor.offset + i] = -100;
    }
  }
  CHECK(contains(Scene(network).alarms({}), "vanishing-gradients"));
}

TEST_CASE("probabilities in place of logits ring") {
  // Constant outputs that add up to 1.
  Network network(Architecture{"certain", {6, 5, 1}, {DenseSpec{"a", 10}}});
  for (const TensorInfo& tensor : network.tensors()) {
    for (std::size_t i = 0; tensor.name == "a/bias" && i < tensor.size; ++i) {
      network.parameters()[tensor.offset + i] = 0.1F;
    }
  }
  CHECK(contains(Scene(network).alarms({}), "probabilities-for-logits"));
}

TEST_CASE("adversaries beyond epsilon ring") {
  Scene scene;
  scene.options.threat.epsilon = 0.005F;  // the stand-ins say 0.01
  CHECK(contains(scene.alarms({{&kHalf, {}}}), "out-of-bounds"));
}

TEST_CASE("a cancelled judgement says so") {
  const Scene scene;
  const Verdict v = judge_robustness(
      scene.network, scene.images, scene.labels, attack_suite("bim,pgd", Norm::kLinf),
      scene.options, [](const std::string&, const AttackProgress&) { return false; });
  CHECK(v.cancelled);
  CHECK(v.attacks.size() == 1);
}

namespace {

/// Images of 20 x 20 pixels that a network sees only as t, the mean of (pixel - 0.5) times a sign
/// of its own: they have t = 0.01 epsilon, and the ball around them reaches a little past epsilon
/// either way, but a random start comes to about 0.
class SignedMean {
 public:
  static constexpr float kEpsilon = 0.1F;

  /// Logits `b_bias` + `b_kernel`^T relu(t - a_bias) of the hidden units; the unit before the last
  /// is relu(-t).
  Scene scene(int hidden, int classes, const std::vector<float>& knees,
              const std::vector<float>& b_kernel, const std::vector<float>& b_bias) const {
    Network network(Architecture{
        "t", {20, 20, 1}, {DenseSpec{"a", hidden}, ReluSpec{}, DenseSpec{"b", classes}}});
    std::vector<float> a_kernel, a_bias;
    for (int i = 0; i < kSize; ++i) {
      for (int k = 0; k < hidden; ++k) {
        a_kernel.push_back((k == hidden - 1 ? -1.0F : 1.0F) * sign(i) / kSize);
      }
    }
    for (const float knee : knees) a_bias.push_back(-knee * kEpsilon);
    a_bias.push_back(0);
    set(network, "a/kernel", a_kernel);
    set(network, "a/bias", a_bias);
    set(network, "b/kernel", b_kernel);
    set(network, "b/bias", b_bias);
    Scene scene(network);
    scene.images = Matrix::Constant(kImages, kSize, 0.5F);
    for (int i = 0; i < kSize; ++i) scene.images.col(i).array() += 0.01F * kEpsilon * sign(i);
    scene.labels.assign(kImages, 0);
    scene.options.threat.epsilon = kEpsilon;
    return scene;
  }

 private:
  static constexpr int kSize = 400;

  // As many of either, so that a mean of 0.5 a pixel gives t = 0.
  static float sign(int i) { return i % 2 == 0 ? 1.0F : -1.0F; }
  static void set(Network& network, const char* name, const std::vector<float>& values) {
    for (const TensorInfo& tensor : network.tensors()) {
      if (tensor.name != name) continue;
      REQUIRE(tensor.size == values.size());
      std::copy(values.begin(), values.end(),
                network.parameters().begin() + static_cast<std::ptrdiff_t>(tensor.offset));
    }
  }
};

}  // namespace

TEST_CASE("a loss with a hill on the way rings: one step beats many") {
  // By how much the label leads: 1 at t = 0, 0.5 at 0.3 epsilon, 1 at 0.6, -1 at epsilon. One step
  // lands at epsilon; small steps stay on the hill of the loss at 0.3.
  const float slope = 0.5F / (0.3F * SignedMean::kEpsilon);
  const float fall = 2 / (0.4F * SignedMean::kEpsilon);
  const Scene scene = SignedMean().scene(
      4, 2, {0, 0.3F, 0.6F}, {-slope, 0, 2 * slope, 0, -fall - slope, 0, slope, 0}, {1, 0});
  const auto names = scene.alarms({});
  CHECK(contains(names, "one-step-beats-many"));
  CHECK_FALSE(contains(names, "larger-epsilon-helps"));
}

TEST_CASE("a loss that rises while the answer comes back rings: a larger epsilon helps") {
  // Class 1 leads the label by 0.1 at epsilon, the other eight are 5 behind; at twice epsilon all
  // nine are 0.1 behind. The loss is higher there, but the label is read again.
  const float e = SignedMean::kEpsilon;
  std::vector<float> kernel, bias{0, -1};
  const auto add_row = [&](float first, float others) {
    kernel.insert(kernel.end(), {0, first});
    kernel.insert(kernel.end(), 8, others);
  };
  add_row(1.1F / e, 5 / e);
  add_row(-1.3F / e, -0.1F / e);
  add_row(-1.1F / e, -5 / e);
  bias.insert(bias.end(), 8, -10);
  const Scene scene = SignedMean().scene(3, 10, {0, 1}, kernel, bias);
  const auto names = scene.alarms({});
  CHECK(contains(names, "larger-epsilon-helps"));
  CHECK_FALSE(contains(names, "one-step-beats-many"));
}

TEST_CASE("images that are hardly read ring, whatever the network withstands") {
  Scene scene;
  for (auto& label : scene.labels) label = static_cast<Labels::value_type>((label + 1) % 10);
  CHECK(contains(scene.alarms({}), "poor-reading"));
}

TEST_CASE("attacks that a suite leaves out for its norm are known") {
  CHECK(left_out_of_suite("standard", Norm::kLinf).empty());
  REQUIRE(left_out_of_suite("standard", Norm::kL2).size() == 1);
  CHECK(left_out_of_suite("standard", Norm::kL2)[0]->name == std::string("square"));
  CHECK(left_out_of_suite("pgd", Norm::kL2).empty());
}
