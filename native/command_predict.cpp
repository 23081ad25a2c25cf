// inoculate predict: the likeliest classes of pictures or of a data set's images.
#include <iostream>
#include <memory>
#include <optional>

#include "base/error.h"
#include "data/npy.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/guesses.h"
#include "native/image_options.h"
#include "native/output.h"
#include "native/preprocess_options.h"
#include "native/purify_options.h"
#include "native/text.h"

namespace inoculate {
namespace {

struct Options {
  std::string model;
  PreprocessOptions preprocess;
  ImageOptions images;
  PurifyChoice purify;
  std::optional<int> top;
  std::string logits;
};

void print_text(const NamedImages& images, const std::vector<std::vector<Guess>>& guesses,
                const ModelSpec& model) {
  std::vector<std::vector<std::string>> rows{{"image"}};
  if (!images.data.labels.empty()) rows[0].push_back("label");
  for (std::size_t place = 0; place < guesses.front().size(); ++place) {
    rows[0].insert(rows[0].end(), {place == 0 ? "read as" : "or", "confidence"});
  }
  if (!images.prepared.empty()) rows[0].emplace_back("prepared");
  for (std::size_t i = 0; i < images.names.size(); ++i) {
    std::vector<std::string> row{images.names[i]};
    if (!images.data.labels.empty()) row.push_back(std::to_string(images.data.labels[i]));
    for (const Guess& guess : guesses[i]) {
      row.insert(row.end(), {class_text(model, guess.label), percent(guess.confidence)});
    }
    if (!images.prepared.empty()) row.push_back(images.prepared[i]);
    rows.push_back(std::move(row));
  }
  print_table(std::cout, rows);
}

void print_json(const NamedImages& images, const std::vector<std::vector<Guess>>& guesses,
                const ModelSpec& model) {
  Json json{{"n", images.names.size()}, {"predictions", Json::array()}};
  for (std::size_t i = 0; i < images.names.size(); ++i) {
    Json prediction{{"image", images.names[i]}};
    if (!images.data.labels.empty()) prediction["label"] = images.data.labels[i];
    if (!images.prepared.empty()) prediction["prepared"] = images.prepared[i];
    for (const Guess& guess : guesses[i]) {
      Json one{{"class", guess.label}, {"confidence", guess.confidence}};
      if (!model.class_names.empty()) one["name"] = class_name(model, guess.label);
      prediction["top"].push_back(std::move(one));
    }
    json["predictions"].push_back(std::move(prediction));
  }
  print_object(json);
}

void predict(const Options& options, bool json) {
  std::vector<FileOption> inputs = image_inputs(options.images);
  add_model_inputs(inputs, "--model", options.model, options.preprocess);
  inputs.push_back(purify_input(options.purify));
  check_files({{"--logits", options.logits}}, inputs);
  ModelNotes notes = notes_of(options.preprocess);
  const std::unique_ptr<Classifier> model =
      purified(load_classifier(options.model, &notes), options.purify);
  const int classes = model->spec().classes;
  if (options.top > classes) {
    throw UsageError("--top " + std::to_string(*options.top) + ": " + model->spec().name +
                     " has only " + std::to_string(classes) + " classes");
  }
  const NamedImages images = load_images(options.images, model->spec(), notes.pictures());
  const Matrix logits = model->logits(images.data.images);
  if (!options.logits.empty()) {
    write_file_atomically(options.logits,
                          write_npy({logits.data(), static_cast<std::size_t>(logits.size())},
                                    {logits.rows(), logits.cols()}));
  }
  const auto guesses = likeliest_classes(logits, options.top.value_or(std::min(3, classes)));
  json ? print_json(images, guesses, model->spec()) : print_text(images, guesses, model->spec());
}

}  // namespace

void add_predict(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "predict", "The likeliest classes of pictures, of images of your own, or of a data set");
  command.add_option("--model", options->model, kModelFiles).required();
  options->images.count.usual = 10;
  add_image_options(command, options->images);
  add_picture_options(command, options->images);
  add_preprocess_options(command, options->preprocess);
  add_purify_options(command, options->purify);
  command
      .add_option("--top", options->top,
                  "How many classes to name; if not given 3, or all of fewer")
      .within(1, 1000);
  command.add_option("--logits", options->logits,
                     "Write the logits, float32 [N, classes], to this .npy");
  add_common_options(command, common);
  command.callback([options, &common] { predict(*options, common.json); });
}

}  // namespace inoculate
