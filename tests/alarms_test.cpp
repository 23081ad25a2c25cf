#include "evaluate/alarms.h"

#include <algorithm>
#include <vector>

#include "catch.h"
#include "judged_scene.h"

using namespace inoculate;

namespace {

bool contains(const std::vector<std::string>& names, const char* name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

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
      if (can_ring(kind, {}, suite, {{Norm::kLinf, epsilon, ValueRange{}}, 1, cascade})) {
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
  Scene scene = SignedMean().scene(4, 2, {0, 0.3F, 0.6F},
                                   {-slope, 0, 2 * slope, 0, -fall - slope, 0, slope, 0}, {1, 0});
  const auto names = scene.alarms({});
  CHECK(contains(names, "one-step-beats-many"));
  CHECK_FALSE(contains(names, "larger-epsilon-helps"));
  // Two images say nothing.
  scene.images = Matrix(scene.images.topRows(2));
  scene.labels.resize(2);
  CHECK_FALSE(contains(scene.alarms({}), "one-step-beats-many"));
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
