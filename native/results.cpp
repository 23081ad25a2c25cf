#include "native/results.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>

#include "base/quote.h"
#include "native/model_pictures.h"
#include "native/text.h"
#include "native/threat_options.h"
#include "nn/softmax.h"

namespace inoculate {
namespace {

std::vector<float> pixels(ConstMatrixRef images, Eigen::Index row) {
  return {images.row(row).data(), images.row(row).data() + images.cols()};
}

}  // namespace

Json to_json(const Evaluation& evaluation) {
  const Interval interval = evaluation.accuracy_interval();
  return {{"n", evaluation.n},
          {"loss", evaluation.loss},
          {"accuracy", evaluation.accuracy()},
          {"accuracy_interval", {interval.low, interval.high}}};
}

std::string test_accuracy_text(const Evaluation& clean) {
  return fixed(clean.accuracy(), 4) + " of n = " + std::to_string(clean.n);
}

std::string describe(const FgsmOptions& options) {
  AttackOptions common;
  common.loss = options.loss;
  return describe(*find_attack("fgsm"), options.threat, options.criterion, common);
}

std::string describe(const AttackMethod& method, const ThreatModel& threat,
                     const Criterion& criterion, const AttackOptions& options) {
  std::string text = method.name;
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (!method.norms.empty()) text += ", " + norm_words(threat.norm);
  if (method.heeds(kEpsilonBit) && std::isfinite(threat.epsilon)) {
    text += ", epsilon " + number(static_cast<double>(threat.epsilon));
  }
  if (options.queries) text += ", " + std::to_string(*options.queries) + " queries";
  if (options.steps) text += ", " + std::to_string(*options.steps) + " steps";
  if (options.step_size) {
    text += ", step size " + number(static_cast<double>(*options.step_size));
  }
  if (options.pixels) text += ", " + std::to_string(*options.pixels) + " pixels";
  if (options.patch_size) {
    text += ", a patch of " + percent(static_cast<double>(*options.patch_size)) + " of the image";
  }
  if (options.patch_at) {
    text += " at row " + std::to_string(options.patch_at->row) + ", column " +
            std::to_string(options.patch_at->column);
  }
  if (options.restarts) text += ", " + std::to_string(*options.restarts) + " starts";
  if (!options.random_start) text += ", from the image";
  if (method.heeds(kLossBit)) {
    text += options.loss == Loss::kCrossEntropy ? ", cross-entropy" : ", mean squared error";
  }
  if (criterion.target) text += ", targeted at " + std::to_string(*criterion.target);
  if (criterion.confidence > 0) {
    text += ", confidence " + number(static_cast<double>(criterion.confidence)) +
            (method.heeds(kConfidenceFilterBit) ? " (not aimed for)" : "");
  }
  text += threat.range ? ", clipped to [0, 1]" : ", not clipped";
  return text;
}

std::optional<ImageForm> sheet_form(const ModelSpec& model) {
  const Shape shape = takes_digits(model) ? Shape{28, 28, 1} : model.input;
  if (shape.c != 1 && shape.c != 3) return std::nullopt;
  return ImageForm{shape.h, shape.w, shape.c};
}

std::vector<SheetEntry> sheet_entries(const Classifier& model, ConstMatrixRef images,
                                      ConstMatrixRef adversaries, const Labels& labels,
                                      SheetChoice choice) {
  if (!sheet_form(model.spec())) return {};
  const int classes = model.spec().classes;
  Matrix before = model.logits(images);
  Matrix after = model.logits(adversaries);
  const Labels read_before = most_likely(before);
  const Labels read_after = most_likely(after);
  for (Matrix* logits : {&before, &after}) {
    softmax(logits->data(), logits->data(), static_cast<int>(logits->rows()), classes);
  }
  std::vector<std::size_t> chosen;
  if (choice == SheetChoice::kFirst) {
    chosen.resize(std::min(labels.size(), kMostSheetEntries));
    std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  } else {
    std::vector<bool> shown(static_cast<std::size_t>(classes));
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const auto label = static_cast<std::size_t>(labels[i]);
      if (shown[label] || read_before[i] != labels[i]) continue;
      shown[label] = true;
      chosen.push_back(i);
    }
    std::stable_sort(chosen.begin(), chosen.end(),
                     [&](std::size_t a, std::size_t b) { return labels[a] < labels[b]; });
  }
  std::vector<SheetEntry> entries;
  for (const std::size_t i : chosen) {
    const auto row = static_cast<Eigen::Index>(i);
    entries.push_back({pixels(images, row), pixels(adversaries, row), labels[i], read_before[i],
                       before(row, read_before[i]), read_after[i], after(row, read_after[i])});
  }
  return entries;
}

Sheet sheet_of(const ModelSpec& model, std::string title, std::string footer,
               std::vector<SheetEntry> entries) {
  std::vector<std::string> names;
  for (const std::string& name : model.class_names) names.push_back(printable(name));
  return {std::move(title), std::move(footer), std::move(entries),
          sheet_form(model).value_or(ImageForm{}), std::move(names)};
}

}  // namespace inoculate
