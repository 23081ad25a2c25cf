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
#include "attack/targets.h"
#include "base/error.h"
#include "native/attack_options.h"
#include "native/attack_outcome.h"
#include "native/class_options.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/data_warnings.h"
#include "native/files.h"
#include "native/image_options.h"
#include "native/image_outputs.h"
#include "native/interrupt.h"
#include "native/method_options.h"
#include "native/output.h"
#include "native/per_image.h"
#include "native/png.h"
#include "native/preprocess_options.h"
#include "native/progress.h"
#include "native/purify_options.h"
#include "native/results.h"
#include "native/text.h"
#include "native/threat_options.h"

namespace inoculate {
namespace {

// The confidence that an attack on noise is after.
constexpr float kNoiseConfidence = 0.9F;
// Most pictures of noise that are told one by one.
constexpr int kMostTold = 10;

struct AttackedImages {
  Matrix images;
  Labels labels;
  bool labelled = true;  // if not, the labels are what the network reads
};

AttackedImages images_to_attack(const AttackChoice& options, const Classifier& model,
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

// The generator of perturbations in a file.
Generator load_adversary(const std::string& path) {
  Generator generator = load_generator(path);
  require_perturber(generator);
  return generator;
}

void require_images_of(const Generator& generator, const ModelSpec& model) {
  if (generator.sizes.image == model.input) return;
  throw Error(generator.name + ": makes perturbations of other images than " + model.name +
              " takes; train a generator on such images");
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
  // Attacks of one step have no progress to ask at.
  if (result.cancelled || InterruptGuard::interrupted()) {
    throw Interrupted("interrupted; nothing was written");
  }
  return result;
}

// The same with gradients over transformations, if they are asked for: those of the source where
// the method has one.
AttackResult run_with_expectation(const AttackMethod& method, const AttackTask& task,
                                  AttackOptions settings, const AttackChoice& options,
                                  std::uint64_t seed) {
  const Classifier& differentiated = settings.source != nullptr ? *settings.source : task.model;
  const auto expectation = expectation_of(differentiated, options.expectation, seed);
  if (expectation == nullptr) return run(method, task, settings, seed);
  const bool of_source = settings.source != nullptr;
  if (of_source) settings.source = expectation.get();
  const Classifier& attacked = of_source ? task.model : *expectation;
  AttackResult result = run(
      method,
      {attacked, task.images, task.labels, task.threat, task.criterion, task.numbers, task.targets},
      settings, seed);
  count_draws(result, options.expectation);
  return result;
}

void tell_without_start(const AttackResult& result, int images) {
  if (result.without_start == 0) return;
  tell_note("for " + std::to_string(result.without_start) + " of " + std::to_string(images) +
            " images nothing was found to start from: no other image, nor noise where the attack "
            "tries it, is read as wanted; they are left as they are");
}

void save_sheet(const std::string& path, const AttackTask& task, const Matrix& adversaries,
                const std::string& title, const AttackOutcome& outcome) {
  const std::vector<int> rows = counted_images(task);
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
void require_shape_for(const AttackChoice& options, const ModelSpec& model) {
  if (!options.sheet.empty() && !sheet_form(model)) {
    throw UsageError("--sheet shows images of one channel or three, and " + model.name +
                     " takes others; write them with --out");
  }
  if (!options.outputs.pngs.empty() && model.input.c != 1 && model.input.c != 3) {
    throw UsageError("--out-pngs writes images of one channel or three, and " + model.name +
                     " takes others; write them with --out");
  }
  if (!options.patch.out.empty() && model.input.c != 1 && model.input.c != 3) {
    throw UsageError("--patch-out writes pictures of one channel or three, and " + model.name +
                     " takes others");
  }
  if (!options.outputs.idx.empty() && model.input.c != 1) {
    throw UsageError("--out-idx writes grey images, and those of " + model.name +
                     " are in colour; write them with --out-pngs or --out");
  }
}

void attack(const AttackMethod& method, const AttackChoice& options, const CommonOptions& common) {
  ThreatModel threat = options.threat.threat(method);
  std::optional<Generator> made;
  if (method.heeds(kGeneratorBit)) {
    made = load_adversary(options.generator);
    if (!options.threat.epsilon) threat.epsilon = made->epsilon;
  }
  if (options.quantise) {
    require_levels(threat);
    threat = on_levels(threat, method.knowledge);
  }
  if (threat.norm == Norm::kLinf && options.attack.step_size) {
    require_linf_size("--step-size", *options.attack.step_size);
  }
  const Target target = parse_target(options.target, method);
  std::vector<FileOption> inputs = image_inputs(options.images);
  add_model_inputs(inputs, "--model", options.model, options.preprocess);
  add_model_inputs(inputs, "--source", options.source, options.preprocess);
  inputs.push_back(purify_input(options.purify));
  inputs.push_back({"--generator", options.generator});
  std::vector<FileOption> outputs = output_files(options.outputs);
  outputs.push_back({"--sheet", options.sheet});
  outputs.push_back({"--per-image", options.per_image});
  outputs.push_back({"--patch-out", options.patch.out});
  check_files(outputs, inputs);
  const ModelNotes said = notes_of(options.preprocess);
  ModelNotes notes = said, source_notes = said;
  const std::unique_ptr<Classifier> model =
      purified(load_classifier(options.model, &notes), options.purify);
  const ModelSpec& spec = model->spec();
  AttackOptions settings = options.attack;
  settings.loss = options.threat.attack_loss();
  set_patch_place(settings, options.patch);
  std::unique_ptr<Classifier> source;
  if (!options.source.empty()) {
    source = load_classifier(options.source, &source_notes);
    settings.source = source.get();
  }
  std::optional<GraphFunction> generator;
  if (made) {
    require_images_of(*made, spec);
    settings.generator = &generator.emplace(made->generator, made->name);
  }
  require_possible(method, spec, settings);
  require_shape_for(options, spec);
  Criterion criterion;
  if (target.one) criterion.target = require_class("--target", *target.one, spec.classes);
  // Noise shows nothing that could be read rightly: what counts is how sure the model is made.
  const bool heeds_confidence = method.heeds(kConfidenceBit) || method.heeds(kConfidenceFilterBit);
  const float usual = options.images.noise && heeds_confidence ? kNoiseConfidence : 0;
  criterion.confidence = options.confidence.value_or(usual);
  const auto [images, labels, labelled] = images_to_attack(options, *model, notes.pictures());
  require_labels_for(options.outputs, labelled);
  const std::vector<int> numbers = image_numbers(options.images, static_cast<int>(images.rows()));
  AttackTask task{*model, images, labels, threat, criterion, numbers};
  const std::vector<int> targets = targets_of_images(target, task, common.seed);
  task.targets = targets;
  const std::vector<int> counted = counted_images(task);
  if (counted.empty()) {
    throw UsageError("--target " + options.target +
                     " is the class of every image already: there is nothing to attack");
  }

  const auto begin = std::chrono::steady_clock::now();
  AttackResult result = run_with_expectation(method, task, settings, options, common.seed);
  const std::vector<std::uint8_t> before = result.success;
  if (options.quantise) {
    Rng rng(common.seed);
    result = quantise(task, result, method.knowledge, rng);
  }
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  tell_without_start(result, task.size());
  leave_out_targets(result.adversaries, task);
  AttackOutcome outcome =
      measure_attack(method, task, settings, result, labelled, seconds, options.target);
  outcome.settings += expectation_text(options.expectation);
  if (options.quantise) add_quantised(outcome, task, before, result.success);
  if (labelled && options.images.pictures.empty()) {
    warn_of_data(*model, examples_of(images, labels, counted), outcome.clean.correct);
  }

  write_images(options.outputs, result.adversaries, spec.input, labelled ? labels : Labels{},
               options.images.start);
  if (!options.sheet.empty()) {
    save_sheet(options.sheet, task, result.adversaries, method.title, outcome);
  }
  if (!options.patch.out.empty()) write_patch(options.patch.out, result);
  if (!options.per_image.empty()) {
    const std::string csv = per_image_csv(task, result, counted, labelled);
    write_file_atomically(options.per_image, Bytes(csv.begin(), csv.end()));
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

// The sub-command of one method.
void add_method(Command attacks, const AttackMethod& method, CommonOptions& common) {
  auto options = std::make_shared<AttackChoice>();
  Command command =
      attacks.add_subcommand(method.name, std::string(method.title) + " (" + method.paper + ")");
  add_attack_options(command, method, *options);
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

const char* what_it_sees(const AttackMethod& method) {
  return method.inside ? kind_name(*method.inside) : knowledge_name(method.knowledge);
}

void list_methods() {
  std::vector<std::vector<std::string>> rows{{"attack", "norm", "sees", "paper", "what it does"}};
  for (const AttackMethod& m : attack_methods()) {
    rows.push_back({m.name, norms_text(m), what_it_sees(m), m.paper, m.title});
  }
  print_table(std::cout, rows, rows.front().size());
}

}  // namespace

void add_attack(Command app, CommonOptions& common) {
  Command attacks = app.add_subcommand("attack", "Attack a model's reading of images");
  attacks.require_subcommand(1, 1);
  attacks.add_action("--list", list_methods,
                     "Print the attacks with norm, knowledge needed and paper");
  for (const AttackMethod& method : attack_methods()) add_method(attacks, method, common);
}

}  // namespace inoculate
