// inoculate evaluate: what a model makes of labelled images.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "evaluate/accuracy.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/data_warnings.h"
#include "native/guesses.h"
#include "native/image_options.h"
#include "native/output.h"
#include "native/preprocess_options.h"
#include "native/purify_options.h"
#include "native/results.h"
#include "native/text.h"

namespace inoculate {
namespace {

struct Options {
  std::string model;
  PreprocessOptions preprocess;
  ImageOptions images;
  PurifyChoice purify;
};

double share(int part, int whole) { return whole == 0 ? 0.0 : static_cast<double>(part) / whole; }

// Right answers among the images of a class (recall), and among those taken for it (precision).
struct ClassScore {
  int images = 0;
  double recall = 0;
  double precision = 0;
};

ClassScore score(const Evaluation& e, std::size_t k) {
  int images = 0, guesses = 0;
  for (std::size_t other = 0; other < e.confusion.size(); ++other) {
    images += e.confusion[k][other];
    guesses += e.confusion[other][k];
  }
  const int correct = e.confusion[k][k];
  return {images, share(correct, images), share(correct, guesses)};
}

// Of more classes a matrix fits on no screen: then only those are listed that images are of.
constexpr std::size_t kMostColumns = 20;

void print_text(const Evaluation& e, const ModelSpec& model) {
  std::cout << "loss      " << fixed(e.loss, 4) << "\naccuracy  " << accuracy_text(e) << "\n\n";
  const std::size_t classes = e.confusion.size();
  const bool matrix = classes <= kMostColumns;
  std::vector<std::vector<std::string>> rows{{matrix ? "label \\ read as" : "label"}};
  for (std::size_t k = 0; matrix && k < classes; ++k) rows[0].push_back(std::to_string(k));
  rows[0].insert(rows[0].end(), {"images", "recall", "precision"});
  for (std::size_t k = 0; k < classes; ++k) {
    const ClassScore s = score(e, k);
    if (!matrix && s.images == 0) continue;
    std::vector<std::string> row{class_text(model, static_cast<int>(k))};
    for (std::size_t other = 0; matrix && other < classes; ++other) {
      const int count = e.confusion[k][other];
      row.push_back(count == 0 ? "." : std::to_string(count));
    }
    row.insert(row.end(), {std::to_string(s.images), percent(s.recall), percent(s.precision)});
    rows.push_back(std::move(row));
  }
  print_table(std::cout, rows);
}

void print_json(const Evaluation& e) {
  Json json = to_json(e);
  const bool matrix = e.confusion.size() <= kMostColumns;
  if (matrix) json["confusion"] = e.confusion;
  for (std::size_t k = 0; k < e.confusion.size(); ++k) {
    const ClassScore s = score(e, k);
    if (!matrix && s.images == 0) continue;
    json["classes"].push_back(
        {{"label", k}, {"n", s.images}, {"recall", s.recall}, {"precision", s.precision}});
  }
  print_object(json);
}

}  // namespace

void add_evaluate(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "evaluate", "Loss, accuracy with its 95 % interval, confusion matrix and scores per class");
  command.add_option("--model", options->model, kModelFiles).required();
  add_image_options(command, options->images);
  add_preprocess_options(command, options->preprocess);
  add_purify_options(command, options->purify);
  add_common_options(command, common);
  command.callback([options, &common] {
    ModelNotes notes = notes_of(options->preprocess);
    const std::unique_ptr<Classifier> model =
        purified(load_classifier(options->model, &notes), options->purify);
    const auto [images, labels] =
        load_labelled_images(options->images, model->spec(), notes.pictures());
    const ExampleSource source = examples_of(images, labels);
    const Evaluation evaluation = evaluate(*model, source);
    warn_of_data(*model, source, evaluation.correct);
    common.json ? print_json(evaluation) : print_text(evaluation, model->spec());
  });
}

}  // namespace inoculate
