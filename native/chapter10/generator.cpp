// Section 10.6: a generator as the adversary.
#include <memory>

#include "generate/advgan.h"
#include "model/graph_function.h"
#include "native/chapter10/attacks.h"
#include "native/chapter10/generators.h"
#include "native/chapter10/page.h"
#include "native/classifier.h"
#include "native/html.h"
#include "native/report_parts.h"
#include "native/results.h"
#include "native/text.h"

namespace inoculate {
namespace {

using Row = std::vector<std::string>;

constexpr float kEpsilon = 0.3F;

}  // namespace

SectionResult generator_section(const ChapterScene& scene) {
  const auto standard = load_classifier(scene.standard()), robust = load_classifier(scene.robust());
  const Generator advgan = train_section_generator(
      scene, "generator of adversaries", [&](const ExampleSource& source, const auto& on_step) {
        AdvganOptions options;
        options.epsilon = kEpsilon;
        GeneratorTraining training;
        training.epochs = scene.quick ? 1 : 10;
        training.seed = scene.seed;
        return train_advgan(advgan_sizes(standard->spec().input), *standard, source, options,
                            training, on_step);
      });
  const GraphFunction perturbation{advgan.generator, advgan.name};
  const LabelledImages test = scene.first(scene.quick ? 20 : 1000);
  ThreatModel threat;
  threat.epsilon = kEpsilon;
  std::vector<Row> rows{{"Accuracy left", "generator, one pass", "PGD, 40 steps"}};
  SectionResult section;
  double left[2] = {};
  Canvas sheet{1, 1, {}};
  for (const auto* model : {standard.get(), robust.get()}) {
    const AttackTask task{*model, test.images, test.labels, threat, {}};
    Row row{model->spec().name};
    for (const char* name : {"generator", "pgd"}) {
      AttackOptions options;
      if (std::string(name) == "generator") options.generator = &perturbation;
      if (std::string(name) == "pgd") options.steps = scene.quick ? 2 : 40;
      const AttackResult result = run_section_attack(name, task, options, scene);
      const Evaluation read = evaluate(*model, examples_of(result.adversaries, test.labels));
      row.push_back(share_text(read.correct, read.n));
      section.json[model->spec().name][name] = read.accuracy();
      if (std::string(name) != "generator") continue;
      left[model == robust.get() ? 1 : 0] = read.accuracy();
      if (model == robust.get()) continue;
      sheet =
          draw_sheet(sheet_of(model->spec(), "What a generator adds",
                              "AdvGAN, L-inf, epsilon 0.3, trained against standard",
                              sheet_entries(*model, test.images, result.adversaries, test.labels)));
    }
    rows.push_back(std::move(row));
  }
  section.html =
      paragraph(
          "The chapter ends where the book begins: a generator learns to make what a discriminator "
          "takes for real, and a classifier for something else. Once it is trained an adversary "
          "takes one pass, and asks the attacked model nothing (Xiao et al. 2018).") +
      html_table("L-inf epsilon 0.3, the first " + std::to_string(test.labels.size()) +
                     " test images. The generator was trained against standard alone.",
                 rows) +
      page_figure(sheet, "Digits, what the generator adds to them, and what is read then.",
                  "One pass of the generator") +
      findings({{left[0] <= 0.03 ? Finding::kHolds : Finding::kFails,
                 "A generator fools the network it was trained against: " + percent(left[0]) +
                     " are still read rightly."},
                {left[1] <= 0.5 ? Finding::kHolds : Finding::kFails,
                 "What it has learnt fools another network too: of robust " + percent(left[1]) +
                     " are left."},
                {Finding::kLeftOut,
                 "It attacks what it was trained against, and no defence that was made knowing of "
                 "it: compare the column of PGD."}}) +
      command_block({"inoculate train-generator --kind advgan --against "
                     "assets/standard.safetensors --epsilon "
                     "0.3 --epochs 10 --out advgan.safetensors",
                     "inoculate attack generator --generator advgan.safetensors --model "
                     "assets/robust.safetensors"});
  section.json["n"] = test.labels.size();
  return section;
}

}  // namespace inoculate
