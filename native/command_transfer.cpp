// inoculate transfer: adversaries of each model, shown to all.
#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

#include "attack/registry.h"
#include "base/error.h"
#include "base/parallel.h"
#include "model/network_classifier.h"
#include "model/network_trainable.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/file_options.h"
#include "native/files.h"
#include "native/fit_model.h"
#include "native/image_options.h"
#include "native/interrupt.h"
#include "native/new_folder.h"
#include "native/output.h"
#include "native/png.h"
#include "native/preprocess_options.h"
#include "native/progress.h"
#include "native/robustness_run.h"
#include "native/threat_options.h"
#include "native/transfer_report.h"
#include "pictures/matrix.h"
#include "train/trainer.h"

namespace inoculate {
namespace {

struct Options {
  std::vector<std::string> models;
  PreprocessOptions preprocess;
  ImageOptions images;
  float epsilon = 0.3F;
  std::string norm = "linf";
  std::string attack;
  FitSettings within;  // whose kind is empty without --within
  int parts = 5;
  int train_limit = 0;
  std::optional<int> epochs;
  std::string out;
};

constexpr int kEpochs = 3;  // of --within dnn

using Models = std::vector<std::unique_ptr<Classifier>>;

// SimpleCNN, trained on a part of the training images.
std::unique_ptr<Classifier> train_network(const LabelledImages& data, const Options& options,
                                          std::uint64_t seed, const std::string& name) {
  Network network(*find_architecture("simple_cnn"));
  Rng rng(seed);
  network.initialize(rng);
  TrainingOptions training;
  training.epochs = options.epochs.value_or(kEpochs);
  training.seed = seed;
  Trainer trainer(trainable(network), examples_of(data.images, data.labels), training);
  Progress progress(std::cerr, stderr_style());
  progress.begin(name);
  const InterruptGuard guard;
  trainer.run([&](const TrainingProgress& p) {
    progress.step(std::int64_t{p.epoch - 1} * p.steps + p.step, std::int64_t{p.epochs} * p.steps,
                  p.loss, p.accuracy);
    return !InterruptGuard::interrupted();
  });
  progress.done();
  if (InterruptGuard::interrupted()) throw Interrupted("interrupted; nothing was written");
  const auto trained = trainer.trained();
  std::ranges::copy(trained->parameters(), network.parameters().begin());
  std::ranges::copy(trained->statistics(), network.statistics().begin());
  return std::make_unique<NetworkClassifier>(std::move(network), name);
}

// One model of the kind for each part of the training images.
Models fit_within(const Options& options, const CommonOptions& common) {
  ImageOptions train = options.images;
  train.split = "train";
  train.count = {0, options.train_limit, "--train-limit"};
  ModelSpec form;
  form.name = "the models";
  form.input = {28, 28, 1};
  form.classes = 10;
  const LabelledImages all = load_labelled_images(train, form);
  const auto n = static_cast<int>(all.labels.size());
  if (n / options.parts < 2) {
    throw UsageError("--parts " + std::to_string(options.parts) + ": there are only " +
                     std::to_string(n) + " training images");
  }
  Models models;
  for (int part = 0; part < options.parts; ++part) {
    const int begin = part_begin(n, options.parts, part);
    const int end = part_begin(n, options.parts, part + 1);
    const std::string name = options.within.kind + " " + std::to_string(part + 1);
    LabelledImages some{all.images.middleRows(begin, end - begin),
                        {all.labels.begin() + begin, all.labels.begin() + end}};
    models.push_back(
        options.within.kind == "dnn"
            ? train_network(some, options, common.seed + static_cast<std::uint64_t>(part), name)
            : classifier_of(fit_model(options.within, std::move(some), form.input, form.classes),
                            name));
  }
  return models;
}

TransferMatrix measure(const std::vector<const Classifier*>& models, const LabelledImages& test,
                       const std::vector<std::string>& names, const TransferOptions& options) {
  const InterruptGuard guard;
  Progress progress(std::cerr, stderr_style());
  int begun = -1;
  TransferMatrix matrix = transfer_matrix(
      models, test.images, test.labels, options, [&](int row, const AttackProgress& p) {
        if (row != begun) progress.begin("adversaries of " + names[static_cast<std::size_t>(row)]);
        begun = row;
        progress.step(p.done, p.total);
        return !InterruptGuard::interrupted();
      });
  progress.pause();
  if (matrix.cancelled || InterruptGuard::interrupted()) {
    throw Interrupted("interrupted; nothing was written");
  }
  return matrix;
}

// Whether the published figures are of such models and images: digits, and one model a kind.
bool is_like_paper(const std::vector<PaperKind>& kinds, const ModelSpec& spec) {
  const std::set<PaperKind> different(kinds.begin(), kinds.end());
  return spec.input == Shape{28, 28, 1} && spec.classes == 10 && different.size() > 1 &&
         different.size() == kinds.size();
}

const AttackMethod* attack_of(const std::string& name) {
  if (name.empty()) return nullptr;
  const AttackMethod* method = find_attack(name);
  if (method == nullptr) {
    throw UsageError("--attack " + name + ": there is no such attack; inoculate attack --list");
  }
  if (method->heeds(kSourceBit)) {
    throw UsageError("--attack " + name +
                     ": needs a source; rows are attacked themselves, and shown to the columns");
  }
  return method;
}

void transfer(const Options& options, const CommonOptions& common) {
  if (options.models.empty() == options.within.kind.empty()) {
    throw UsageError("give the models by --models A,B,..., or a kind by --within");
  }
  TransferOptions settings;
  settings.threat.norm = options.norm == "linf" ? Norm::kLinf : Norm::kL2;
  settings.threat.epsilon = options.epsilon;
  if (settings.threat.norm == Norm::kLinf) require_linf_size("--epsilon", options.epsilon);
  settings.attack = attack_of(options.attack);
  settings.seed = common.seed;
  refuse_dash(options.out);
  require_new_folder(options.out, "--out");

  TransferRun run;
  Models models;
  PictureRule rule;
  if (options.models.empty()) {
    require_heeded(options.within);
    if (options.epochs && options.within.kind != "dnn") {
      throw UsageError("--epochs means nothing for the kind " + options.within.kind);
    }
    models = fit_within(options, common);
    for (const auto& model : models) run.names.push_back(model->spec().name);
  } else {
    const ModelNotes said = notes_of(options.preprocess);
    for (const std::string& path : options.models) {
      ModelNotes notes = said;
      models.push_back(load_classifier(path, &notes));
      if (models.size() == 1) rule = notes.pictures();
    }
    run.names = distinct_names(options.models);
  }
  if (models.size() > kMostMatrixRows) {
    throw UsageError("--models: at most " + std::to_string(kMostMatrixRows) + " are compared");
  }
  std::vector<const Classifier*> all;
  for (const auto& model : models) {
    all.push_back(model.get());
    run.kinds.push_back(paper_kind(*model));
  }
  require_alike(all);
  row_attacks(all, settings);  // what is not possible is told before the images are read
  const LabelledImages test = load_labelled_images(options.images, models[0]->spec(), rule);
  run.matrix = measure(all, test, run.names, settings);
  run.threat = settings.threat;
  run.n = static_cast<int>(test.labels.size());
  run.beside_paper = options.attack.empty() && settings.threat.norm == Norm::kLinf &&
                     is_like_paper(run.kinds, models[0]->spec());

  NewFolder folder(options.out, "--out");
  folder.write("transfer.csv", csv_of(run));
  folder.write("transfer.png", write_png(picture_of(run)));
  folder.finish();
  if (common.json) {
    print_object(json_of(run));
  } else {
    std::cout << text_of(run) << "\nwritten: " << options.out << "/transfer.csv, transfer.png\n";
  }
}

}  // namespace

void add_transfer(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "transfer", "Which models adversaries of other models fool, of the same kind or of others");
  Option models = command
                      .add_option("--models", options->models,
                                  std::string(kModelFiles) + "; several, with commas or blanks")
                      .delimiter(',');
  command
      .add_option("--within", options->within.kind,
                  "Models of one kind instead: logistic, svm, tree, knn or dnn, each fitted on a "
                  "part of MNIST's training images")
      .one_of({"logistic", "svm", "tree", "knn", "dnn"})
      .excludes(models);
  command.add_option("--parts", options->parts, "--within: how many models")
      .within(2, static_cast<int>(kMostMatrixRows))
      .excludes(models)
      .show_default();
  command
      .add_option("--train-limit", options->train_limit,
                  "--within: only this many training images, from the first on; 0: all")
      .within(0, kMostImages)
      .excludes(models);
  command
      .add_option("--epochs", options->epochs,
                  "--within dnn: passes over its part; if not given " + std::to_string(kEpochs))
      .within(1, 1000)
      .excludes(models);
  add_data_option(command, options->images.data);
  options->images.count.usual = 1000;
  options->images.count.name = "--limit";
  command
      .add_option("--limit", options->images.count.given,
                  "Only this many test images, from the first on; 0: all; if not given 1000")
      .within(0, kMostImages);
  add_images_option(command, options->images, {"--data", "--within"});
  add_preprocess_options(command, options->preprocess);
  command
      .add_option("--epsilon", options->epsilon,
                  "Size of the perturbation, in pixels of 0..1, such as 0.3 or 8/255")
      .number_within(0, 1000)
      .show_default();
  command.add_option("--norm", options->norm, "Norm of the perturbation: linf or l2")
      .one_of({"linf", "l2"})
      .show_default();
  command.add_option("--attack", options->attack,
                     "Attack every model by this; if not given, each by what fits its kind");
  add_fit_options(command, options->within);
  for (const char* name :
       {"--c", "--steps", "--depth", "--leaves", "--leaf-images", "--neighbours"}) {
    command.get_option(name).excludes(models);
  }
  command.add_option("--out", options->out, "A new folder for transfer.csv and transfer.png")
      .required();
  add_common_options(command, common);
  command.callback([options, &common] { transfer(*options, common); });
}

}  // namespace inoculate
