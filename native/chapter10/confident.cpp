// Tables 10.1 and 10.2: a photograph that is read wrong, and with more confidence than before.
#include <cmath>

#include "native/chapter10/attacks.h"
#include "native/chapter10/page.h"
#include "native/chapter10/photographs.h"
#include "native/guesses.h"
#include "native/html.h"
#include "native/report_parts.h"
#include "native/results.h"
#include "native/text.h"

namespace inoculate {
namespace {

constexpr float kEpsilon = 4.0F / 255, kConfidence = 0.9F;
constexpr int kTop = 3;

using Row = std::vector<std::string>;

std::string guess_cell(const ModelSpec& model, const Guess& guess) {
  return escape(class_name(model, guess.label)) + " " +
         percent(static_cast<double>(guess.confidence));
}

// The book's own table, of another network and another photograph.
std::string book_table() {
  return html_table("The book: ResNet-50, a photograph of a tent (tables 10.1 and 10.2)",
                    {{"order", "before", "after FGSM"},
                     {"1", "mountain_tent 68.7 %", "volcano 59.1 %"},
                     {"2", "promontory 7.4 %", "suspension_bridge 16.9 %"},
                     {"3", "valley 7.2 %", "valley 8.7 %"}});
}

struct Attacked {
  std::string name;
  AttackResult result;
  std::vector<std::vector<Guess>> read;
};

}  // namespace

SectionResult confident_section(const ChapterScene& scene) {
  SectionResult section;
  section.html = paragraph(
                     "A classifier does not only err on an adversary: it errs and is sure. The "
                     "book shows it on "
                     "one photograph; here it is EfficientNet-Lite0 with ImageNet's weights on "
                     "each photograph "
                     "that is there, no pixel changed by more than 4 of its 255 levels, the "
                     "attacker aiming for a "
                     "confidence of 90 %.") +
                 book_table();
  if (!has_photographs(scene)) {
    section.html += photographs_missing();
    section.json = {{"left_out", "no photographs"}};
    return section;
  }
  const Photographs photos = load_photographs(scene, scene.quick ? 1 : 3);
  const ModelSpec& spec = photos.model->spec();
  const Matrix logits = photos.model->logits(photos.images);
  const Labels labels = most_likely(logits);
  const auto before = likeliest_classes(logits, kTop);
  Criterion criterion;
  criterion.confidence = kConfidence;
  const AttackTask task{
      *photos.model, photos.images, labels, {Norm::kLinf, kEpsilon, spec.range}, criterion};
  std::vector<Attacked> attacks;
  for (const char* name : {"fgsm", "pgd"}) {
    AttackOptions options;
    if (scene.quick && std::string(name) == "pgd") options.steps = 3;
    AttackResult result = run_section_attack(name, task, options, scene);
    auto read = likeliest_classes(photos.model->logits(result.adversaries), kTop);
    attacks.push_back({name, std::move(result), std::move(read)});
  }
  const auto count = photos.paths.size();
  int sure[2] = {}, surer[2] = {};
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<Row> rows{{"order", "before", "after FGSM", "after PGD"}};
    for (std::size_t k = 0; k < static_cast<std::size_t>(kTop); ++k) {
      rows.push_back({std::to_string(k + 1), guess_cell(spec, before[i][k]),
                      guess_cell(spec, attacks[0].read[i][k]),
                      guess_cell(spec, attacks[1].read[i][k])});
    }
    section.html += html_table("Ours: " + escape(photos.paths[i].filename().string()), rows);
    Json one{{"photograph", photos.paths[i].filename().string()},
             {"before", class_name(spec, before[i][0].label)},
             {"confidence", before[i][0].confidence}};
    for (std::size_t a = 0; a < 2; ++a) {
      const Guess& best = attacks[a].read[i][0];
      sure[a] += attacks[a].result.success[i];
      surer[a] += best.label != labels[i] && best.confidence > before[i][0].confidence ? 1 : 0;
      one[attacks[a].name] = {{"class", class_name(spec, best.label)},
                              {"confidence", best.confidence}};
    }
    section.json["photographs"].push_back(std::move(one));
  }
  Sheet sheet = sheet_of(spec, "Photographs before and after PGD",
                         "PGD, L-inf, epsilon 4/255, confidence 0.9; EfficientNet-Lite0",
                         sheet_entries(*photos.model, photos.images, attacks[1].result.adversaries,
                                       labels, SheetChoice::kFirst));
  sheet.labelled = false;
  section.html +=
      page_figure(draw_sheet(sheet), "Each photograph, what PGD adds to it, and the adversary.",
                  "Each photograph, the perturbation amplified, and what is read then.");
  const std::string of = " of " + std::to_string(count);
  const bool all = sure[1] == static_cast<int>(count);
  section.html += findings(
      {{all ? Finding::kHolds : Finding::kFails,
        "PGD makes " + std::to_string(sure[1]) + of +
            " photographs be read as something else with a confidence of at least 90 %; in " +
            std::to_string(surer[1]) + of + " that is more than the right reading had."},
       {2 * surer[0] <= static_cast<int>(count) ? Finding::kHolds : Finding::kFails,
        "One step of FGSM leaves most errors less sure than the right reading was (the book's: "
        "59.1 % after 68.7 %): surer in " +
            std::to_string(surer[0]) + of + ", and at 90 % in " + std::to_string(sure[0]) + of +
            "."},
       {Finding::kLeftOut,
        "An attacker who aims for confidence takes another direction than one who aims for any "
        "error, and iterations, not the size of the step, make the error sure."},
       {Finding::kLeftOut, "n is " + std::to_string(count) +
                               ": a table of examples, as the book's, and no success rate."}});
  section.html += command_block(
      {"inoculate attack pgd --model build/photo/efficientnet_lite0.onnx --epsilon 4/255 "
       "--confidence 0.9 --sheet sheet.png PICTURE"});
  return section;
}

}  // namespace inoculate
