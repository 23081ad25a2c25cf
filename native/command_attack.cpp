// inoculate attack NAME: adversaries of a data set's images or of pictures, and what they do to a
// model.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <optional>

#include "attack/quantise.h"
#include "attack/registry.h"
#include "attack/run.h"
#include "attack/stored.h"
#include "base/error.h"
#include "native/attack_outcome.h"
#include "native/class_options.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/data_warnings.h"
#include "native/files.h"
#include "native/image_options.h"
#include "native/image_outputs.h"
#include "native/interrupt.h"
#include "native/png.h"
#include "native/preprocess_options.h"
#include "native/progress.h"
#include "native/results.h"
#include "native/text.h"
#include "native/threat_options.h"

namespace inoculate {
namespace {

struct Options {
  std::string model;
  PreprocessOptions preprocess;
  ImageOptions images;
  ThreatOptions threat;
  std::optional<int> target;
  std::vector<std::string> labels;  // of pictures
  std::optional<float> confidence;
  AttackOptions attack;
  std::string source;
  bool quantise = false;
  ImageOutputs outputs;
  std::string sheet;
};

// The confidence that an attack on noise is after.
constexpr float kNoiseConfidence = 0.9F;
// Most pictures of noise that are told one by one.
constexpr int kMostTold = 10;

struct AttackedImages {
  Matrix images;
  Labels labels;
  bool labelled = true;  // if not, the labels are what the network reads
};

AttackedImages images_to_attack(const Options& options, const Classifier& model,
                                const PictureRule& rule) {
  auto [images, labels] = load_images(options.images, model.spec(), rule).data;
  if (options.quantise) images = as_stored(images);
  if (!labels.empty()) return {std::move(images), std::move(labels)};
  const bool labelled = !options.labels.empty();
  labels = labelled ? picture_labels(options.labels, options.images.pictures.size(),
                                     model.spec().classes)
                    : most_likely(model.logits(images));
  return {std::move(images), std::move(labels), labelled};
}

AttackResult run(const AttackMethod& method, const AttackTask& task, const AttackOptions& options,
                 std::uint64_t seed) {
  const InterruptGuard guard;
  Progress progress(std::cerr, stderr_style());
  progress.begin(method.name);
  Rng rng(seed);
  AttackResult result = run_attack(method, task, options, rng, [&](const AttackProgress& p) {
    progress.step(p.done, p.total);
    return !InterruptGuard::interrupted();
  });
  progress.pause();
  if (result.cancelled) throw Interrupted("interrupted; nothing was written");
  return result;
}

// Images of the target's class stay as they are: they are part of the task because some attacks
// start from them.
void leave_out_target(AttackResult& result, const AttackTask& task) {
  for (int i = 0; i < task.size(); ++i) {
    if (task.criterion.target != task.labels[static_cast<std::size_t>(i)]) continue;
    result.adversaries.row(i) = task.images.row(i);
  }
}

void save_sheet(const std::string& path, const AttackTask& task, const Matrix& adversaries,
                const std::string& title, const AttackOutcome& outcome) {
  const std::vector<int> rows = counted_images(task.criterion, task.labels);
  const std::string change = outcome.labelled
                                 ? "accuracy " + percent(outcome.clean.accuracy()) + " to " +
                                       percent(outcome.adversarial.accuracy())
                                 : "reading changed in " + std::to_string(outcome.success.count);
  Sheet sheet =
      sheet_of(task.model.spec(), title,
               outcome.settings + "; " + change + (outcome.labelled ? " on " : " of ") +
                   std::to_string(outcome.clean.n) + " images",
               sheet_entries(task.model, rows_of(task.images, rows), rows_of(adversaries, rows),
                             labels_of(task.labels, rows),
                             outcome.labelled ? SheetChoice::kEachClass : SheetChoice::kFirst));
  sheet.labelled = outcome.labelled;
  write_file_atomically(path, write_png(draw_sheet(sheet)));
}

// Refuses what this model's images cannot be written as.
void require_shape_for(const Options& options, const ModelSpec& model) {
  if (!options.sheet.empty() && !sheet_form(model)) {
    throw UsageError("--sheet shows images of one channel or three, and " + model.name +
                     " takes others; write them with --out");
  }
  if (!options.outputs.pngs.empty() && model.input.c != 1 && model.input.c != 3) {
    throw UsageError("--out-pngs writes images of one channel or three, and " + model.name +
                     " takes others; write them with --out");
  }
  if (!options.outputs.idx.empty() && model.input.c != 1) {
    throw UsageError("--out-idx writes grey images, and those of " + model.name +
                     " are in colour; write them with --out-pngs or --out");
  }
}

void attack(const AttackMethod& method, const Options& options, const CommonOptions& common) {
  ThreatModel threat = options.threat.threat(method);
  if (options.quantise) {
    require_levels(threat);
    threat = on_levels(threat, method.knowledge);
  }
  if (threat.norm == Norm::kLinf && options.attack.step_size) {
    require_linf_size("--step-size", *options.attack.step_size);
  }
  std::vector<FileOption> inputs = image_inputs(options.images);
  add_model_inputs(inputs, "--model", options.model, options.preprocess);
  add_model_inputs(inputs, "--source", options.source, options.preprocess);
  std::vector<FileOption> outputs = output_files(options.outputs);
  outputs.push_back({"--sheet", options.sheet});
  check_files(outputs, inputs);
  const ModelNotes said = notes_of(options.preprocess);
  ModelNotes notes = said, source_notes = said;
  const std::unique_ptr<Classifier> model = load_classifier(options.model, &notes);
  const ModelSpec& spec = model->spec();
  AttackOptions settings = options.attack;
  settings.loss = options.threat.attack_loss();
  std::unique_ptr<Classifier> source;
  if (!options.source.empty()) {
    source = load_classifier(options.source, &source_notes);
    settings.source = source.get();
  }
  require_possible(method, spec, settings);
  require_shape_for(options, spec);
  Criterion criterion;
  if (options.target) {
    criterion.target = require_class("--target", *options.target, spec.classes);
  }
  // Noise shows nothing that could be read rightly: what counts is how sure the model is made.
  const bool heeds_confidence = method.heeds(kConfidenceBit) || method.heeds(kConfidenceFilterBit);
  const float usual = options.images.noise && heeds_confidence ? kNoiseConfidence : 0;
  criterion.confidence = options.confidence.value_or(usual);
  const auto [images, labels, labelled] = images_to_attack(options, *model, notes.pictures());
  require_labels_for(options.outputs, labelled);
  if (counted_images(criterion, labels).empty()) {
    throw UsageError("--target " + std::to_string(*options.target) +
                     " is the class of every image already: there is nothing to attack");
  }
  const std::vector<int> numbers = image_numbers(options.images, static_cast<int>(images.rows()));
  const AttackTask task{*model, images, labels, threat, criterion, numbers};

  const auto begin = std::chrono::steady_clock::now();
  AttackResult result = run(method, task, settings, common.seed);
  const std::vector<std::uint8_t> before = result.success;
  if (options.quantise) {
    Rng rng(common.seed);
    result = quantise(task, result, method.knowledge, rng);
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  leave_out_target(result, task);
  AttackOutcome outcome = measure_attack(method, task, settings, result, labelled, seconds);
  if (options.quantise) add_quantised(outcome, task, before, result.success);
  if (labelled && options.images.pictures.empty()) {
    const std::vector<int> rows = counted_images(criterion, labels);
    warn_of_data(*model, examples_of(images, labels, rows), outcome.clean.correct);
  }

  write_images(options.outputs, result.adversaries, spec.input, labelled ? labels : Labels{},
               options.images.start);
  if (!options.sheet.empty()) {
    save_sheet(options.sheet, task, result.adversaries, method.title, outcome);
  }
  if (common.json) {
    print_json(outcome);
    return;
  }
  if (!options.images.pictures.empty() || (options.images.noise && task.size() <= kMostTold)) {
    print_before_and_after(task, result);
  }
  print_text(outcome);
}

// The options of the method alone: those that it heeds.
void add_method_options(CLI::App& command, const AttackMethod& method, Options& options) {
  AttackOptions& settings = options.attack;
  if (method.heeds(kEpsilonBit)) add_epsilon_option(command, options.threat, method);
  if (method.norms.size() > 1) add_norm_option(command, options.threat);
  if (method.heeds(kLossBit)) add_loss_option(command, options.threat);
  add_clip_option(command, options.threat);
  const auto add_number = [&](AttackOptionBits bit, const char* name, std::optional<int>& value,
                              const char* text, int least) {
    if (method.heeds(bit)) command.add_option(name, value, text)->check(CLI::Range(least, 1000000));
  };
  add_number(kStepsBit, "--steps", settings.steps, "Steps along the gradient", 1);
  if (method.heeds(kStepSizeBit)) {
    command.add_option("--step-size", settings.step_size, "Size of a step, in pixels of 0..1")
        ->transform(number_within(1e-9, 1000));
  }
  add_number(kQueriesBit, "--queries", settings.queries, "Queries for each image, at most", 2);
  add_number(kRestartsBit, "--restarts", settings.restarts,
             "Random starts; the first that succeeds counts", 1);
  if (method.heeds(kRandomStartBit)) {
    command.add_flag("!--no-random-start", settings.random_start, "Start at the image")
        ->excludes("--restarts");
  }
  if (method.heeds(kTargetBit)) {
    command.add_option("--target", options.target,
                       "Make the model read this class instead; images of that class are left out");
  }
  const bool aims = method.heeds(kConfidenceBit);
  if (aims || method.heeds(kConfidenceFilterBit)) {
    command
        .add_option("--confidence", options.confidence,
                    aims ? "Aim for, and count only, what is read wrong with this probability"
                         : "Count only what is read wrong with this probability or more; this "
                           "attack cannot aim for it")
        ->transform(number_within(0, 1));
  }
  if (method.heeds(kSourceBit)) {
    command
        .add_option("--source", options.source,
                    "The model that the adversaries are made against, of the same kinds")
        ->required();
  }
}

// The sub-command of one method.
void add_method(CLI::App& attacks, const AttackMethod& method, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  CLI::App& command =
      *attacks.add_subcommand(method.name, std::string(method.title) + " (" + method.paper + ")");
  command.add_option("--model", options->model, kModelFiles)->required();
  options->images.count.usual = 1000;
  add_image_options(command, options->images);
  add_picture_options(command, options->images);
  add_noise_option(command, options->images);
  add_preprocess_options(command, options->preprocess);
  command
      .add_option("--label", options->labels,
                  "The true class of the pictures, or of each, with commas; without it success is "
                  "a change of what the model reads")
      ->allow_extra_args(false)
      ->needs("pictures");
  add_method_options(command, method, *options);
  command.add_flag("--quantise", options->quantise,
                   "Make adversaries that hold as pictures, every pixel one of 256 levels");
  add_image_outputs(command, options->outputs);
  command.add_option("--sheet", options->sheet, "Draw some of them to this PNG");
  add_common_options(command, common);
  command.callback([&method, options, &common] {
    options->images.noise_seed = common.seed;
    attack(method, *options, common);
  });
}

std::string norms_text(const AttackMethod& method) {
  std::string text;
  for (const Norm norm : method.norms) text += (text.empty() ? "" : ", ") + norm_name(norm);
  return text.empty() ? "none" : text;
}

void list_methods() {
  std::vector<std::vector<std::string>> rows{{"attack", "norm", "sees", "paper", "what it does"}};
  for (const AttackMethod& m : attack_methods()) {
    rows.push_back({m.name, norms_text(m),
                    m.inside ? kind_name(*m.inside) : knowledge_name(m.knowledge), m.paper,
                    m.title});
  }
  print_table(std::cout, rows, rows.front().size());
}

}  // namespace

void add_attack(CLI::App& app, CommonOptions& common) {
  CLI::App& attacks = *app.add_subcommand("attack", "Attack a model's reading of images");
  attacks.require_subcommand(1);
  attacks.add_flag_callback(
      "--list",
      [] {
        list_methods();
        throw CLI::Success();
      },
      "Print the attacks with norm, knowledge needed and paper");
  for (const AttackMethod& method : attack_methods()) add_method(attacks, method, common);
}

}  // namespace inoculate
