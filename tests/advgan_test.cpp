// A generator of adversaries: what it is trained to do, and what it makes.
#include "generate/advgan.h"

#include <algorithm>

#include "attack/generated.h"
#include "attack/registry.h"
#include "attack/run.h"
#include "catch.h"
#include "generators.h"
#include "model/graph_classifier.h"
#include "model/linear.h"
#include "random_data.h"
#include "refusal_of.h"
#include "threads.h"

using namespace inoculate;

namespace {

constexpr int kClasses = 3;

GraphClassifier linear_classifier() {
  RandomData random(7);
  return {graph_of({kTinyImage, kClasses, random.numbers(kTinyImage.size() * kClasses),
                    random.numbers(kClasses, -0.1F, 0.1F)}),
          "linear"};
}

}  // namespace

TEST_CASE("a generated adversary is the image and epsilon times its perturbation, in the range") {
  const GraphClassifier model = linear_classifier();
  const Matrix images = RandomData(3).images(30, kTinyImage.size());
  const Labels labels = most_likely(model.logits(images));
  const Generator generator = random_generator(tiny_advgan_sizes());
  const GraphFunction function(generator.generator, "g");
  const Matrix parts = function(images);
  CHECK(parts.cwiseAbs().maxCoeff() <= 1);
  for (const bool clips : {true, false}) {
    ThreatModel threat;
    threat.epsilon = 0.25F;
    if (!clips) threat.range.reset();
    const AttackTask task{model, images, labels, threat, {}};
    AttackOptions options;
    options.generator = &function;
    Rng rng(1);
    const AttackResult result = run_attack(*find_attack("generator"), task, options, rng);
    for (Eigen::Index i = 0; i < images.size(); ++i) {
      const float moved = images.data()[i] + 0.25F * parts.data()[i];
      const float expected = clips ? std::clamp(moved, 0.0F, 1.0F) : moved;
      if (std::abs(result.adversaries.data()[i] - expected) > 1e-6F) FAIL("pixel " << i);
    }
    const Labels read = most_likely(model.logits(result.adversaries));
    for (std::size_t i = 0; i < read.size(); ++i) {
      CHECK((result.success[i] != 0) == (read[i] != labels[i]));
      CHECK(result.calls[i].forward == 0);
      CHECK(result.calls[i].gradient == 0);
    }
  }
}

TEST_CASE("a generator learns to fool, by its seed and on any number of threads") {
  const GraphClassifier model = linear_classifier();
  const Matrix images = RandomData(4).images(400, kTinyImage.size());
  const Labels labels = most_likely(model.logits(images));
  const auto fooled = [&](const Generator& generator) {
    ThreatModel threat;
    threat.epsilon = generator.epsilon;
    return generated({model, images, labels, threat, {}}, {generator.generator, "g"}).successes();
  };
  AdvganOptions options;
  options.epsilon = 0.4F;
  options.margin = 0.5F;
  GeneratorTraining training;
  training.epochs = 30;
  training.batch_size = 50;
  training.learning_rate = 0.01F;
  const auto train = [&] {
    return *train_advgan(tiny_advgan_sizes(), model, examples_of(images, labels), options,
                         training);
  };
  const Generator trained = train();
  CHECK(trained.epsilon == 0.4F);
  Generator first = random_generator(tiny_advgan_sizes());
  first.epsilon = 0.4F;
  CHECK(fooled(trained) > 250);
  CHECK(fooled(trained) > 2 * fooled(first));

  const WithThreads one(1);
  const auto again = generator_file(train(), {}).tensors,
             before = generator_file(trained, {}).tensors;
  CHECK(
      std::equal(again.begin(), again.end(), before.begin(), before.end(),
                 [](const NamedTensor& a, const NamedTensor& b) { return a.values == b.values; }));
}

TEST_CASE("the weight of realism makes adversaries that are nearer to images") {
  const GraphClassifier model = linear_classifier();
  // Images that are easily told: dark.
  const Matrix images = 0.2F * RandomData(4).images(400, kTinyImage.size());
  const Labels labels = most_likely(model.logits(images));
  const auto mean_change = [&](float realism) {
    AdvganOptions options;
    options.margin = 0.1F;
    options.realism = realism;
    GeneratorTraining training;
    training.epochs = 30;
    training.batch_size = 50;
    training.learning_rate = 0.01F;
    const Generator made =
        *train_advgan(tiny_advgan_sizes(), model, examples_of(images, labels), options, training);
    const Matrix changes = GraphFunction(made.generator, "g")(images);
    return (images + 0.3F * changes).cwiseMax(0.0F).mean() - images.mean();
  };
  CHECK(std::abs(mean_change(10)) < std::abs(mean_change(0)));
}

TEST_CASE("a generator of other images, or none, is refused in words") {
  const GraphClassifier model = linear_classifier();
  GeneratorSizes sizes = tiny_advgan_sizes();
  sizes.image = {5, 5, 1};
  const GraphFunction other(random_generator(sizes).generator, "g");
  AttackOptions options;
  options.generator = &other;
  CHECK(refusal_of([&] { require_possible(*find_attack("generator"), model.spec(), options); }) ==
        "linear: has images of 12 numbers, and the generator makes perturbations of 25; train one "
        "on such images");
}
