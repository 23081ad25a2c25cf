// inoculate fit: models of other kinds than networks.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "evaluate/accuracy.h"
#include "model/ensemble.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/file_options.h"
#include "native/files.h"
#include "native/fit_model.h"
#include "native/image_options.h"
#include "native/output.h"
#include "native/results.h"
#include "native/shell.h"
#include "native/text.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;

struct Options {
  FitSettings settings;
  ImageOptions images;
  std::vector<int> input{28, 28, 1};
  int classes = 10;
  std::vector<std::string> parts;
  std::string out;
};

// What the images are to be, as the loaders of images ask a model.
ModelSpec form_of(const Options& options) {
  ModelSpec form;
  form.name = "the model";
  form.input = {options.input[0], options.input[1], options.input[2]};
  form.classes = options.classes;
  return form;
}

std::string command_of(const Options& options, const CommonOptions& common) {
  const FitSettings& s = options.settings;
  CommandLine line("inoculate", "fit");
  line.option("--kind", s.kind);
  const auto add = [&](const char* name, const auto& value) {
    if (!value) return;
    if constexpr (std::is_same_v<std::decay_t<decltype(*value)>, double>) {
      line.option(name, exact(*value));
    } else {
      line.option(name, std::to_string(*value));
    }
  };
  add("--c", s.c);
  add("--steps", s.steps);
  add("--depth", s.depth);
  add("--leaves", s.leaves);
  add("--leaf-images", s.leaf_images);
  add("--neighbours", s.neighbours);
  add("--train-limit", options.images.count.given);
  if (!options.images.images.empty()) {
    line.option("--images", options.images.images).option("--labels", options.images.labels);
  }
  if (options.input != std::vector{28, 28, 1}) {
    line.option("--input", std::to_string(options.input[0]) + ',' +
                               std::to_string(options.input[1]) + ',' +
                               std::to_string(options.input[2]));
  }
  if (options.classes != 10) line.option("--classes", std::to_string(options.classes));
  return line.option("--seed", std::to_string(common.seed)).text();
}

// The test images of a data set; none where the images are the user's own.
LabelledImages test_images(const Options& options) {
  if (!options.images.images.empty()) return {};
  ImageOptions test = options.images;
  test.split = "test";
  test.count = {};
  return load_labelled_images(test, form_of(options));
}

void tell(const Options& options, const std::optional<Evaluation>& result, int train_n,
          bool as_json) {
  if (as_json) {
    Json json = result ? to_json(*result) : Json::object();
    json["kind"] = options.settings.kind;
    json["out"] = options.out;
    if (train_n > 0) json["train_n"] = train_n;
    print_object(json);
    return;
  }
  if (result) std::cout << "test accuracy  " << accuracy_text(*result) << '\n';
  std::cout << "model          " << options.out << '\n';
}

void fit_one(const Options& options, const CommonOptions& common) {
  std::vector<FileOption> inputs = image_inputs(options.images);
  if (options.images.images.empty()) {
    for (FileOption& file : data_inputs(find_data(options.images.data), {Split::kTest})) {
      inputs.push_back(std::move(file));
    }
  }
  check_files({{"--out", options.out}}, inputs);
  const ModelSpec form = form_of(options);
  LabelledImages train = load_labelled_images(options.images, form);
  const auto train_n = static_cast<int>(train.labels.size());
  const LabelledImages test = test_images(options);
  const FittedModel model = fit_model(options.settings, std::move(train), form.input, form.classes);
  std::map<std::string, std::string> metadata{{"fitted_by", command_of(options, common)},
                                              {"train_n", std::to_string(train_n)}};
  std::optional<Evaluation> result;
  if (!test.labels.empty()) {
    result = evaluate(*classifier_of(model, options.out), examples_of(test.images, test.labels));
    metadata["test_accuracy"] = test_accuracy_text(*result);
  }
  write_file_atomically(options.out, file_of(model, std::move(metadata)));
  tell(options, result, train_n, common.json);
}

// The name of a part as the ensemble's file has it: relative to that file's folder.
std::string part_name(const fs::path& part, const fs::path& out) {
  const fs::path folder = fs::weakly_canonical(fs::absolute(out)).parent_path();
  const fs::path relative = fs::weakly_canonical(fs::absolute(part)).lexically_relative(folder);
  if (relative.empty() || *relative.begin() == "..") {
    throw UsageError("--parts " + part.string() +
                     ": lies neither beside --out nor below it; an ensemble's file names its parts "
                     "by where they lie from there");
  }
  return relative.generic_string();
}

void fit_ensemble(const Options& options, const CommonOptions& common) {
  std::vector<FileOption> inputs = image_inputs(options.images);
  for (const std::string& part : options.parts) inputs.push_back({"--parts", part});
  check_files({{"--out", options.out}}, inputs);
  if (options.parts.size() < 2) throw UsageError("--parts: an ensemble has two parts or more");
  EnsembleParts names;
  std::vector<std::unique_ptr<Classifier>> parts;
  for (const std::string& part : options.parts) {
    names.files.push_back(part_name(part, options.out));
    parts.push_back(load_classifier(part));
    if (parts.back()->spec().kind == ModelKind::kEnsemble) {
      throw Error(part + ": is an ensemble, which cannot be a part of another");
    }
  }
  const EnsembleClassifier ensemble(std::move(parts), options.out);
  std::optional<Evaluation> result;
  std::map<std::string, std::string> metadata;
  if (options.images.images.empty()) {
    ImageOptions images = options.images;
    images.split = "test";
    images.count = {};
    const LabelledImages test = load_labelled_images(images, ensemble.spec());
    result = evaluate(ensemble, examples_of(test.images, test.labels));
    metadata["test_accuracy"] = test_accuracy_text(*result);
  }
  write_file_atomically(options.out, write_model_json({names, {}, std::move(metadata)}));
  tell(options, result, 0, common.json);
}

void fit(const Options& options, const CommonOptions& common) {
  refuse_dash(options.out);
  require_ending(options.out, options.settings.kind == "knn" ? ".safetensors" : ".json");
  require_heeded(options.settings);
  const bool ensemble = options.settings.kind == "ensemble";
  if (ensemble == options.parts.empty()) {
    throw UsageError(ensemble ? "--kind ensemble needs --parts, the models that vote"
                              : "--parts means nothing for the kind " + options.settings.kind);
  }
  ensemble ? fit_ensemble(options, common) : fit_one(options, common);
}

}  // namespace

void add_fit(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  options->images.split = "train";
  options->images.count.name = "--train-limit";
  Command command = app.add_subcommand(
      "fit", "Fit logistic regression, a linear SVM, a decision tree or nearest neighbours");
  command
      .add_option("--kind", options->settings.kind,
                  "logistic, svm (one against the rest), tree (CART), knn, or ensemble, a vote")
      .one_of({"logistic", "svm", "tree", "knn", "ensemble"})
      .required();
  add_data_option(command, options->images.data);
  add_images_option(command, options->images, {"--data"});
  command
      .add_option("--train-limit", options->images.count.given,
                  "Only this many training images, from the first on; 0: all")
      .within(0, kMostImages);
  command
      .add_option("--input", options->input,
                  "Height, width and channels of an image; if not given 28,28,1")
      .delimiter(',')
      .expected(3)
      .within(1, 4096);
  command.add_option("--classes", options->classes, "How many classes there are")
      .within(2, 65536)
      .show_default();
  command
      .add_option("--parts", options->parts,
                  "ensemble: the models that vote, with commas or blanks")
      .delimiter(',');
  add_fit_options(command, options->settings);
  command.add_option("--out", options->out, "Where to write the model (.json; of knn .safetensors)")
      .required();
  add_common_options(command, common);
  command.callback([options, &common, command]() mutable {
    for (const char* name : {"--images", "--labels", "--train-limit", "--input", "--classes"}) {
      if (options->settings.kind != "ensemble" || !command.get_option(name).given()) continue;
      throw UsageError(std::string(name) +
                       " means nothing for the kind ensemble, whose parts are fitted already");
    }
    fit(*options, common);
  });
}

}  // namespace inoculate
