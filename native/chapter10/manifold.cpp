// Section 10.6: an image is put onto the manifold that a generator has learnt before it is read;
// and what ends that defence.
#include <algorithm>
#include <memory>

#include "attack/fgsm.h"
#include "evaluate/accuracy.h"
#include "generate/vae.h"
#include "model/purified.h"
#include "native/chapter10/attacks.h"
#include "native/chapter10/generators.h"
#include "native/chapter10/page.h"
#include "native/classifier.h"
#include "native/html.h"
#include "native/report_parts.h"
#include "native/text.h"

namespace inoculate {
namespace {

using Row = std::vector<std::string>;

constexpr float kEpsilon = 0.3F;

// Fresh attacks on the purified model: one that follows its gradients, and two that know of it.
constexpr const char* kAttacks[] = {"fgsm", "bpda-tangent", "latent"};

std::string cell(const Evaluation& read) { return share_text(read.correct, read.n); }

}  // namespace

SectionResult manifold_section(const ChapterScene& scene) {
  const Generator vae = train_section_generator(
      scene, "variational autoencoder", [&](const ExampleSource& source, const auto& on_step) {
        GeneratorTraining training;
        training.epochs = scene.quick ? 1 : 20;
        training.seed = scene.seed;
        return train_vae(vae_sizes(Shape{28, 28, 1}), source, training, on_step);
      });
  PurifyOptions options;
  if (scene.quick) options = {5, 1, options.seed};
  const PurifiedClassifier purified(load_classifier(scene.standard()), vae, options);
  const LabelledImages test = scene.first(scene.quick ? 20 : 500);
  ThreatModel threat;
  threat.epsilon = kEpsilon;
  const Matrix replayed =
      fgsm(purified.classifier(), test.images, test.labels, {threat, Loss::kCrossEntropy, {}});

  std::vector<Row> rows{{"", "the network alone", "behind the generator"}};
  const auto add = [&](const std::string& what, const Matrix& images) {
    const ExampleSource examples = examples_of(images, test.labels);
    const Evaluation behind = evaluate(purified, examples);
    rows.push_back({what, cell(evaluate(purified.classifier(), examples)), cell(behind)});
    return behind.accuracy();
  };
  const double clean = add("clean", test.images);
  const double old = add("FGSM, made against the network alone", replayed);
  const AttackTask task{purified, test.images, test.labels, threat, {}};
  double worst = 1, followed = 1;
  Json fresh;
  for (const char* name : kAttacks) {
    AttackOptions attack;
    if (scene.quick) attack.steps = 2;
    if (std::string(name) == "fgsm") attack.steps.reset();
    const AttackResult result = run_section_attack(name, task, attack, scene);
    const Evaluation left = evaluate(purified, examples_of(result.adversaries, test.labels));
    rows.push_back({std::string(name) + ", against both", "", cell(left)});
    fresh[name] = left.accuracy();
    worst = std::min(worst, left.accuracy());
    if (std::string(name) == "fgsm") followed = left.accuracy();
  }
  SectionResult section;
  section.html =
      paragraph(
          "The robust manifold defence looks for the image that a generator can make and that is "
          "nearest to what it is shown, and has the network read that one. What an attacker added "
          "is mostly nothing that the generator can make, and is gone.") +
      html_table("Accuracy with its 95 % interval, L-inf epsilon 0.3, n = " +
                     std::to_string(test.labels.size()) + " test images",
                 rows) +
      findings({{old >= 0.9 ? Finding::kHolds : Finding::kFails,
                 "Adversaries of the network alone are cleaned: " + percent(old) +
                     " of them are read rightly, " + percent(clean) + " of clean images."},
                {worst >= 0.5 ? Finding::kHolds : Finding::kFails,
                 "The defence withstands who knows of it: " + percent(worst) +
                     " are left by the strongest of the fresh attacks."},
                {Finding::kLeftOut,
                 "Gradients through the search are zero, and an attack that follows them leaves " +
                     percent(followed) +
                     ": that is no strength, but gradients that are hidden (Athalye et al. 2018). "
                     "Whoever searches among the generator's own images, or takes the derivative "
                     "of the nearest one, gets through."}}) +
      command_block(
          {"inoculate train-generator --kind vae --out vae.safetensors",
           "inoculate robustness --model assets/standard.safetensors --purify vae.safetensors "
           "--epsilon 0.3 --count 500 --attacks fgsm,bpda-tangent,latent"});
  section.json = {{"n", test.labels.size()}, {"clean", clean}, {"replayed", old}, {"fresh", fresh}};
  return section;
}

}  // namespace inoculate
