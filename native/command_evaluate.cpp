// inoculate evaluate: what a model makes of labelled images.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "evaluate/accuracy.h"
#include "native/commands.h"
#include "native/data_warnings.h"
#include "native/image_options.h"
#include "native/model.h"
#include "native/output.h"
#include "native/results.h"
#include "native/text.h"

namespace inoculate {
namespace {

struct Options {
  std::string model;
  ImageOptions images;
};

double share(int part, int whole) { return whole == 0 ? 0.0 : static_cast<double>(part) / whole; }

// Right answers among the images of a class (recall), and among those taken for it (precision).
struct ClassScore {
  int images = 0;
  double recall = 0;
  double precision = 0;
};

ClassScore score(const Evaluation& e, std::size_t digit) {
  int images = 0, guesses = 0;
  for (std::size_t other = 0; other < e.confusion.size(); ++other) {
    images += e.confusion[digit][other];
    guesses += e.confusion[other][digit];
  }
  const int correct = e.confusion[digit][digit];
  return {images, share(correct, images), share(correct, guesses)};
}

void print_text(const Evaluation& e) {
  std::cout << "loss      " << fixed(e.loss, 4) << "\naccuracy  " << accuracy_text(e) << "\n\n";
  std::vector<std::vector<std::string>> rows{{"label \\ read as"}};
  for (std::size_t digit = 0; digit < e.confusion.size(); ++digit) {
    rows[0].push_back(std::to_string(digit));
  }
  rows[0].insert(rows[0].end(), {"images", "recall", "precision"});
  for (std::size_t digit = 0; digit < e.confusion.size(); ++digit) {
    std::vector<std::string> row{std::to_string(digit)};
    for (const int count : e.confusion[digit])
      row.push_back(count == 0 ? "." : std::to_string(count));
    const ClassScore s = score(e, digit);
    row.insert(row.end(), {std::to_string(s.images), percent(s.recall), percent(s.precision)});
    rows.push_back(std::move(row));
  }
  print_table(std::cout, rows);
}

void print_json(const Evaluation& e) {
  Json json = to_json(e);
  json["confusion"] = e.confusion;
  for (std::size_t digit = 0; digit < e.confusion.size(); ++digit) {
    const ClassScore s = score(e, digit);
    json["classes"].push_back(
        {{"label", digit}, {"n", s.images}, {"recall", s.recall}, {"precision", s.precision}});
  }
  print_object(json);
}

}  // namespace

void add_evaluate(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *app.add_subcommand(
      "evaluate", "Loss, accuracy with its 95 % interval, confusion matrix and scores per class");
  command.add_option("--model", options->model, "Weights (.safetensors)")->required();
  add_image_options(command, options->images);
  add_common_options(command, common);
  command.callback([options, &common] {
    const Network network = load_model(options->model);
    const auto [images, labels] = load_labelled_images(options->images, network.classes());
    const ExampleSource source = examples_of(images, labels);
    const Evaluation evaluation = evaluate(network, source);
    warn_of_data(options->model, network, source, evaluation.correct);
    common.json ? print_json(evaluation) : print_text(evaluation);
  });
}

}  // namespace inoculate
