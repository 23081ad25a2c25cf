#include "train/one_step_training.h"

#include <algorithm>

#include "attack/pgd.h"
#include "catch.h"
#include "model/network_classifier.h"
#include "random_data.h"

using namespace inoculate;

namespace {

constexpr int kSize = 784, kImages = 5;
constexpr float kEpsilon = 0.2F;
constexpr int kCheck = OneStepState::kCheckEvery, kRecovery = OneStepState::kRecovery;

/// Of a gray image's mean shift s only: class 0 leads class 1 by 0.4 - 10 s, and where the
/// network has a valley, by 50 more for what s exceeds 0.6 epsilon. Class 1 then leads for s in
/// (0.2, 0.7) epsilon alone. One step of 1.25 epsilon from a random start comes to 0.86 epsilon;
/// three of half an epsilon come to 0.44, 0.75, and back into the valley at 0.25 (means over the
/// starts, which are uniform, with the clipping at epsilon).
Network gray_network(bool valley) {
  Network network({"gray", {28, 28, 1}, {DenseSpec{"a", 2}, ReluSpec{}, DenseSpec{"b", 3}}});
  const auto set = [&](const char* name, const std::vector<float>& values) {
    const auto tensor = std::find_if(network.tensors().begin(), network.tensors().end(),
                                     [&](const TensorInfo& t) { return t.name == name; });
    REQUIRE(tensor != network.tensors().end());
    REQUIRE(tensor->size == values.size());
    std::copy(values.begin(), values.end(),
              network.parameters().begin() + static_cast<std::ptrdiff_t>(tensor->offset));
  };
  set("a/kernel", std::vector<float>(2 * kSize, 1.0F / kSize));
  set("a/bias", {0.5F, -0.5F - 0.6F * kEpsilon});  // 1 + s, s - 0.6 epsilon
  set("b/kernel", {-10, 0, 0, valley ? 50.0F : 0.0F, 0, 0});
  set("b/bias", {10.4F, 0, -100});
  return network;
}

struct Scene {
  explicit Scene(bool valley) : network(gray_network(valley)) {}

  Network network;
  NetworkClassifier model{network};
  Matrix images = Matrix::Constant(kImages, kSize, 0.5F);
  Labels labels = Labels(kImages, 0);
  AttackTask task{model, images, labels, {Norm::kLinf, kEpsilon, ValueRange{}}, {}};

  int right(const Matrix& adversaries) const {
    const Labels guesses = most_likely(model.logits(adversaries));
    return static_cast<int>(std::count(guesses.begin(), guesses.end(), 0));
  }
  Matrix by_one_step(Rng& rng) const {
    return pgd_iterates(task, random_start_fgsm_options(), rng);
  }
  Matrix by_pgd(Rng& rng) const {
    PgdOptions attack;
    attack.steps = 3;
    attack.step_size = 0.5F;
    return pgd_iterates(task, attack, rng);
  }
};

}  // namespace

TEST_CASE("one-step training goes over to PGD when the network misleads the one step") {
  const Scene scene(true);
  Rng rng(1), same(1);
  CHECK(scene.right(scene.images) == kImages);
  CHECK(scene.right(scene.by_one_step(rng)) == kImages);
  CHECK(scene.right(scene.by_pgd(rng)) == 0);
  rng = same;

  OneStepState state;
  for (int batch = 1; batch <= 2 * kCheck + kRecovery + 1; ++batch) {
    CAPTURE(batch);
    const Matrix made = one_step_adversaries(scene.task, true, state, rng);
    const bool check = batch % kCheck == 0;
    if (check) scene.by_one_step(same);
    const bool pgd = check || (batch > kCheck && batch % kCheck <= kRecovery);
    CHECK(made == (pgd ? scene.by_pgd(same) : scene.by_one_step(same)));
  }
}

TEST_CASE("one-step training checks, and goes on, when the one step is as good as PGD") {
  const Scene scene(false);
  Rng rng(1), same(1);
  OneStepState state;
  for (int batch = 1; batch <= kCheck + 2; ++batch) {
    CAPTURE(batch);
    const Matrix made = one_step_adversaries(scene.task, true, state, rng);
    if (batch == kCheck) {
      CHECK(scene.right(scene.by_one_step(same)) == 0);
      CHECK(made == scene.by_pgd(same));
      CHECK(scene.right(made) == 0);
    } else {
      CHECK(made == scene.by_one_step(same));
    }
  }
}

TEST_CASE("one-step training without recovery attacks by nothing but the one step") {
  const Scene scene(true);
  Rng rng(1), same(1);
  OneStepState state;
  for (int batch = 1; batch <= kCheck + 1; ++batch) {
    CHECK(one_step_adversaries(scene.task, false, state, rng) == scene.by_one_step(same));
  }
}
