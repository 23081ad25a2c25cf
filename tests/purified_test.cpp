// A classifier behind a generator, and the attacks that know of it.
#include "model/purified.h"

#include <algorithm>

#include "attack/registry.h"
#include "attack/run.h"
#include "catch.h"
#include "evaluate/alarms.h"
#include "generators.h"
#include "model/graph_classifier.h"
#include "model/linear.h"
#include "model/tree.h"
#include "random_data.h"
#include "refusal_of.h"
#include "threads.h"

using namespace inoculate;

namespace {

constexpr int kClasses = 3;

std::unique_ptr<Classifier> linear_classifier(const Shape& shape = kTinyImage) {
  RandomData random(7);
  return std::make_unique<GraphClassifier>(
      graph_of({shape, kClasses, random.numbers(shape.size() * kClasses),
                random.numbers(kClasses, -0.1F, 0.1F)}),
      "linear");
}

Generator decoder(std::uint64_t seed = 3) {
  Generator vae = random_generator(tiny_vae_sizes(), seed);
  for (float& value : vae.generator.values) value *= 2;  // so that images differ by something
  return vae;
}

PurifiedClassifier purified_linear() { return {linear_classifier(), decoder(), {60, 3, 1}}; }

struct Scene {
  PurifiedClassifier model = purified_linear();
  Matrix images;
  Labels labels;

  explicit Scene(int n) : images(RandomData(11).images(n, kTinyImage.size())) {
    labels = most_likely(model.logits(images));
  }
  AttackTask task(Norm norm, float epsilon) const {
    return {model, images, labels, {norm, epsilon, ValueRange{}}, {}};
  }
};

}  // namespace

TEST_CASE("an image is purified by itself: not by what is beside it, nor by who computes it") {
  const PurifiedClassifier model = purified_linear();
  const Matrix images = RandomData(1).images(47, kTinyImage.size());
  const Matrix whole = model.purified(images), logits = model.logits(images);
  CHECK(logits == model.classifier().logits(whole));
  for (const int at_once : {1, 2, 5, 46}) {
    for (int begin = 0; begin < 47; begin += at_once) {
      const int n = std::min(at_once, 47 - begin);
      if (model.purified(images.middleRows(begin, n)) != whole.middleRows(begin, n)) {
        FAIL(n << " images from " << begin);
      }
    }
  }
  for (const int threads : {1, 2, 5}) {
    const WithThreads with(threads);
    CHECK(model.logits(images) == logits);
  }
}

TEST_CASE("what a decoder can make is found again, and nothing nearer lies around what is found") {
  const PurifiedClassifier model(linear_classifier(), decoder(), {300, 24, 1});
  RandomData random(2);
  const Matrix z = 2 * random.images(20, 3).array() - 1;
  const Matrix made = model.decoder()(z);
  const Eigen::VectorXf distances = (model.purified(made) - made).rowwise().norm();
  // A search may end in a local minimum.
  CHECK((distances.array() < 0.02F).count() >= 19);

  const Matrix images = random.images(10, kTinyImage.size());
  const Matrix latent = model.latent(images), found = model.decoder()(latent);
  for (int trial = 0; trial < 200; ++trial) {
    Matrix moved = latent;
    for (Eigen::Index i = 0; i < moved.size(); ++i) moved.data()[i] += random.number(-0.1F, 0.1F);
    const Matrix around = model.decoder()(moved);
    for (Eigen::Index i = 0; i < images.rows(); ++i) {
      const float by_search = (found.row(i) - images.row(i)).squaredNorm();
      if ((around.row(i) - images.row(i)).squaredNorm() < by_search - 1e-3F) FAIL("image " << i);
    }
  }
}

TEST_CASE("a purified classifier tells what it is, and gives gradients that are zero") {
  const Scene scene(12);
  const ModelSpec& spec = scene.model.spec();
  CHECK(spec.kind == ModelKind::kPurified);
  CHECK(spec.name == "linear");
  CHECK(spec.input == kTinyImage);
  CHECK(spec.classes == kClasses);
  CHECK(spec.gives == Knowledge::kGradients);
  std::vector<Matrix> gradients(2);
  Matrix logits;
  const LogitGradient nothing = [](float*, const float*, int, int) {};
  scene.model.gradients(gradients, &logits, scene.images, std::vector{nothing, nothing});
  CHECK(logits == scene.model.logits(scene.images));
  for (const Matrix& gradient : gradients) {
    REQUIRE(gradient.rows() == 12);
    CHECK(gradient.isZero(0));
  }
}

TEST_CASE("the alarm for gradients that vanish rings for a purified classifier") {
  const Scene scene(30);
  JudgeOptions options;
  options.threat.epsilon = 0.1F;
  const auto suite = attack_suite("fgsm", Norm::kLinf);
  const Verdict verdict = judge_robustness(scene.model, scene.images, scene.labels, suite, options);
  CHECK(verdict.clean == 30);
  const auto alarms = find_alarms(scene.model, scene.images, scene.labels, suite, verdict, options);
  CHECK(std::any_of(alarms.begin(), alarms.end(),
                    [](const Alarm& alarm) { return alarm.name == "vanishing-gradients"; }));
}

TEST_CASE("who knows of the purifier fools it where its gradients do not") {
  const Scene scene(40);
  const auto successes = [&](const char* name, Norm norm, float epsilon) {
    CAPTURE(name);
    const AttackMethod& method = *find_attack(name);
    AttackOptions options;
    if (method.heeds(kStepsBit)) options.steps = 20;
    const AttackTask task = scene.task(norm, epsilon);
    Rng rng(1);
    const AttackResult result = run_attack(method, task, options, rng);
    const Labels read = most_likely(scene.model.logits(result.adversaries));
    CHECK(result.adversaries.minCoeff() >= 0);
    CHECK(result.adversaries.maxCoeff() <= 1);
    for (int i = 0; i < task.size(); ++i) {
      const Matrix change = result.adversaries.row(i) - scene.images.row(i);
      const float size = norm == Norm::kLinf ? change.cwiseAbs().maxCoeff() : change.norm();
      CHECK(size <= epsilon * 1.0001F + 1e-6F);
      const auto at = static_cast<std::size_t>(i);
      CHECK((result.success[at] != 0) == (read[at] != scene.labels[at]));
    }
    // The same again, and for some of the images alone.
    Rng again(1);
    CHECK(run_attack(method, task, options, again).adversaries == result.adversaries);
    const std::vector<int> rows{31, 4}, numbers = rows;
    const Matrix images = rows_of(scene.images, rows);
    const Labels labels = labels_of(scene.labels, rows);
    Rng alone(1);
    const AttackTask some{scene.model, images, labels, task.threat, {}, numbers};
    CHECK(run_attack(method, some, options, alone).adversaries ==
          rows_of(result.adversaries, rows));
    return result.successes();
  };
  for (const auto& [norm, epsilon] : {std::pair(Norm::kLinf, 0.2F), std::pair(Norm::kL2, 0.6F)}) {
    CAPTURE(static_cast<int>(norm));
    const int straight = successes("bim", norm, epsilon);
    CHECK(straight == 0);
    CHECK(successes("bpda", norm, epsilon) >= 8);
    CHECK(successes("bpda-tangent", norm, epsilon) >= 8);
    CHECK(successes("latent", norm, epsilon) >= 8);
  }
}

TEST_CASE("attacks on a purifier can be stopped, and then hold what they have") {
  const Scene scene(6);
  for (const char* name : {"bpda", "bpda-tangent", "latent"}) {
    CAPTURE(name);
    int calls = 0;
    Rng rng(1);
    const AttackTask task = scene.task(Norm::kLinf, 0.1F);
    const AttackResult result =
        run_attack(*find_attack(name), task, {}, rng, [&](const AttackProgress&) {
          ++calls;
          return false;
        });
    CHECK(calls == 1);
    CHECK(result.cancelled);
    CHECK(result.adversaries.rows() == 6);
    CHECK((result.adversaries - scene.images).cwiseAbs().maxCoeff() <= 0.1001F);
  }
}

TEST_CASE("what cannot be purified, or is not, is refused in words") {
  CHECK(refusal_of([] {
          PurifiedClassifier(linear_classifier({4, 4, 1}), decoder(), {});
        }) ==
        "tiny.safetensors: makes images of 4x3x1, and linear takes those of 4x4x1; train a "
        "generator on such images");
  CHECK(refusal_of([] {
          PurifiedClassifier(linear_classifier(), random_generator(tiny_advgan_sizes()), {});
        }).starts_with("tiny.safetensors: makes perturbations, not images; "));
  const auto plain = linear_classifier();
  CHECK(refusal_of([&] { purified_model(*plain); }) == "linear: has no generator in front");
  CHECK(refusal_of([&] { require_possible(*find_attack("bpda"), plain->spec(), {}); }) ==
        "linear: is not a purified model, which bpda needs; give a generator with --purify");

  Tree tree{kTinyImage, 2, {{0, 0.5, 1, 2, -1}, {0, 0, 0, 0, 0}, {0, 0, 0, 0, 1}}, {1, 0, 0, 1}};
  const PurifiedClassifier behind(std::make_unique<TreeClassifier>(tree, "tree"), decoder(), {});
  CHECK(behind.spec().gives == Knowledge::kProbabilities);
  CHECK(behind.spec().kind == ModelKind::kPurified);
  const Matrix image = RandomData(1).images(1, kTinyImage.size());
  std::vector<Matrix> none;
  CHECK(refusal_of([&] { behind.gradients(none, nullptr, image, {}); }) ==
        "tree: gives no gradients");
  CHECK(refusal_of([&] {
          require_possible(*find_attack("latent"), behind.spec(), {});
        }).starts_with("tree: gives no more than probabilities"));
}
