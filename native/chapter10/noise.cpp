// Figures 10.5, 10.7 and 10.8: what is read in noise, and in noise that PGD has changed.
#include <algorithm>

#include "native/chapter10/attacks.h"
#include "native/chapter10/page.h"
#include "native/chapter10/photographs.h"
#include "native/classifier.h"
#include "native/html.h"
#include "native/noise_options.h"
#include "native/noise_run.h"
#include "native/report_parts.h"
#include "native/results.h"
#include "native/text.h"

namespace inoculate {
namespace {

constexpr float kConfidence = 0.9F;

using Row = std::vector<std::string>;

// One network on noise, before and after PGD.
struct Subject {
  std::string name;
  const Classifier* model = nullptr;
  float epsilon = 0;
  std::string epsilon_text = {};
  int draws = 1;
  std::vector<NoiseReading> readings = {};
  NoiseRun run = {};
  int attacked = 0, made_sure = 0;
  Canvas sheet{1, 1, {}};

  double least() const { return extreme(false); }
  double largest() const { return extreme(true); }
  double mean() const {
    double sum = 0;
    for (const NoiseReading& reading : readings) sum += reading.confidence();
    return sum / static_cast<double>(readings.size());
  }

 private:
  double extreme(bool largest) const {
    double value = readings.front().confidence();
    for (const NoiseReading& reading : readings) {
      value =
          largest ? std::max(value, reading.confidence()) : std::min(value, reading.confidence());
    }
    return value;
  }
};

void read(Subject& subject, const ChapterScene& scene) {
  subject.run.levels = noise_levels(parse_range("--mean", "50:200:10", 0, kLargestMean),
                                    parse_range("--sigma", "10:100:2", 0, kLargestSigma), false);
  if (scene.quick) subject.run.levels.resize(5);
  subject.run.draws = subject.draws;
  subject.run.top = 1;
  subject.run.seed = scene.seed;
  subject.readings = read_noise(*subject.model, subject.run, scene.progress);
}

void attack(Subject& subject, const ChapterScene& scene) {
  const ModelSpec& spec = subject.model->spec();
  Matrix images = noise_images(spec.input, {128, 50}, 0, scene.quick ? 3 : 10, scene.seed);
  clip_channels(images, {spec.range});
  const Labels labels = most_likely(subject.model->logits(images));
  Criterion criterion;
  criterion.confidence = kConfidence;
  const AttackTask task{
      *subject.model, images, labels, {Norm::kLinf, subject.epsilon, spec.range}, criterion};
  AttackOptions options;
  if (scene.quick) options.steps = 3;
  const AttackResult result = run_section_attack("pgd", task, options, scene);
  subject.attacked = task.size();
  subject.made_sure = result.successes();
  Sheet sheet = sheet_of(
      spec, subject.name + ": noise before and after PGD",
      "Gaussian noise of mean 128 and deviation 50; PGD, L-inf, epsilon " + subject.epsilon_text +
          ", confidence 0.9",
      sheet_entries(*subject.model, images, result.adversaries, labels, SheetChoice::kFirst));
  sheet.labelled = false;
  if (sheet.form.width > 100) sheet.entries.resize(std::min<std::size_t>(5, sheet.entries.size()));
  subject.sheet = draw_sheet(sheet);
}

std::string table(const std::vector<Subject>& subjects) {
  std::vector<Row> rows{
      {"Network", "pictures", "mean", "least", "largest", "after PGD, 90 % or more"},
      {"ResNet-50, the book's", "", "", "5.0 %", "13.8 %", ""}};
  for (const Subject& s : subjects) {
    rows.push_back({escape(s.name),
                    std::to_string(s.readings.size() * static_cast<std::size_t>(s.draws)),
                    percent(s.mean()), percent(s.least()), percent(s.largest()),
                    std::to_string(s.made_sure) + " of " + std::to_string(s.attacked) +
                        element("span", "epsilon " + s.epsilon_text, "class=\"interval\"")});
  }
  return html_table(
      "The highest confidence in pictures of noise: the mean of each pair of mean and "
      "deviation, over the pairs. Means 50 to 190, deviations 10 to 38, clipped to "
      "0..255 before preprocessing.",
      rows);
}

}  // namespace

SectionResult noise_section(const ChapterScene& scene) {
  const auto standard = load_classifier(scene.standard()), robust = load_classifier(scene.robust());
  const int draws = scene.quick ? 2 : 20;
  std::vector<Subject> subjects;
  Photographs photos;
  if (has_photographs(scene)) {
    photos = load_photographs(scene, 1);
    subjects.push_back(
        {"EfficientNet-Lite0", photos.model.get(), 4.0F / 255, "4/255", scene.quick ? 1 : 3});
  }
  subjects.push_back({"standard (MNIST)", standard.get(), 0.1F, "0.1", draws});
  subjects.push_back({"robust (MNIST)", robust.get(), 0.1F, "0.1", draws});
  SectionResult section;
  for (Subject& subject : subjects) {
    read(subject, scene);
    attack(subject, scene);
    section.json["networks"].push_back({{"name", subject.name},
                                        {"mean", subject.mean()},
                                        {"least", subject.least()},
                                        {"largest", subject.largest()},
                                        {"epsilon", subject.epsilon},
                                        {"attacked", subject.attacked},
                                        {"made_sure", subject.made_sure}});
  }
  section.html = paragraph(
      "The book shows noise to ResNet-50, which says little of it: its best class never has more "
      "than 13.8 %. Then PGD changes the noise by what nobody sees, and the network is sure.");
  section.html += table(subjects);
  if (!has_photographs(scene)) section.html += photographs_missing();
  for (const Subject& subject : subjects) {
    section.html +=
        page_figure(noise_sheet(*subject.model, subject.run, subject.readings, 15),
                    "Pictures of noise with the class that " + subject.name + " reads in them.",
                    escape(subject.name) + " on noise (the book's figures 10.5 and 10.8)");
    section.html += page_figure(
        subject.sheet, "Pictures of noise, what PGD adds to them, and what is read then.",
        escape(subject.name) + ", before and after PGD (the book's figure 10.7)");
  }
  std::vector<std::pair<Finding, std::string>> list;
  for (const Subject& s : subjects) {
    const bool unsure = s.mean() < 0.5;
    list.push_back({unsure ? Finding::kHolds : Finding::kFails,
                    escape(s.name) + " is " + (unsure ? "unsure" : "sure") +
                        " of noise: its highest confidence is " + percent(s.mean()) +
                        " on average, " + percent(s.least()) + " to " + percent(s.largest()) +
                        "."});
  }
  for (const Subject& s : subjects) {
    const bool most = 2 * s.made_sure > s.attacked;
    list.push_back({most ? Finding::kHolds : Finding::kFails,
                    "PGD makes " + escape(s.name) + " read " + std::to_string(s.made_sure) +
                        " of " + std::to_string(s.attacked) +
                        " pictures of noise as another class with 90 % or more."});
  }
  list.push_back({Finding::kLeftOut,
                  "The book clips after preprocessing, where negative values are no longer pixels "
                  "below black but most of the picture; " +
                      element("code", "noise --clip after") + " gives its figures."});
  list.push_back({Finding::kLeftOut,
                  "A network of ten classes cannot be as unsure as one of a thousand: guessing has "
                  "10 % there and 0.1 % here. Being sure of noise is no matter of attacks."});
  section.html += findings(list);
  section.html += command_block(
      {"inoculate noise --model assets/standard.safetensors --draws 20 --out noise.csv --sheet "
       "noise.png",
       "inoculate attack pgd --model assets/standard.safetensors --from-noise 128:50 --epsilon 0.1 "
       "--sheet sheet.png"});
  return section;
}

}  // namespace inoculate
