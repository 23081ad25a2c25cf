#include "native/training_run.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include "attack/pgd.h"
#include "base/error.h"
#include "native/commands.h"
#include "native/model.h"
#include "native/output.h"
#include "native/purify_options.h"
#include "native/rescue.h"
#include "native/text.h"
#include "native/training.h"
#include "native/training_files.h"
#include "native/training_start.h"
#include "train/certified_training.h"
#include "train/manifold.h"
#include "train/weight_average.h"

namespace inoculate {
namespace {

// A fall of accuracy under attack below its best that is no chance: training has learnt to mislead
// its own attack (Wong, Rice & Kolter, 2020, section 5.4).
constexpr double kCollapse = 0.2;

double best_attacked_accuracy(const std::vector<EpochRecord>& history) {
  double best = 0;
  for (const EpochRecord& r : history) best = std::max(best, r.attacked_accuracy.value_or(0));
  return best;
}

// Whether the run, which keeps its best weights, is to end for it after its last epoch: not while
// epsilon still rises, nor where training recovers itself or what falls is proven.
bool has_collapsed(const TrainingRun& run, const RecipeOptions& recipe) {
  if (!run.keep_best || run.history.empty()) return false;
  const EpochRecord& last = run.history.back();
  const bool recovers = recipe.method == TrainingMethod::kFgsmRandomStart && recipe.recover;
  const bool is_proven = trains_with_bounds(recipe.method);
  return !recovers && !is_proven && last.epoch > recipe.warm_up &&
         last.attacked_accuracy.value_or(0) <= best_attacked_accuracy(run.history) - kCollapse;
}

Bytes checkpoint_bytes(const Trainer& trainer, const TrainingRun& run) {
  return write_safetensors(save_checkpoint(trainer, run));
}

// Of a resumed run that is over.
std::string over_text(const std::string& checkpoint, const Trainer& trainer) {
  const bool can_go_on = trainer.options().schedule != Schedule::kCosine;
  return checkpoint + ": this run is over; nothing is trained, and its weights are written again" +
         (can_go_on
              ? "; --epochs with more than " + std::to_string(trainer.state().epoch) + " trains on"
              : "");
}

// Saves a stopped run and throws what to tell of it. `otherwise` goes on from an older checkpoint,
// if there is one.
[[noreturn]] void stop(const TrainingCommand& options, const CommonOptions& common,
                       const Bytes& checkpoint, const std::string& otherwise) {
  const Kept kept = write_or_rescue(checkpoint_path(options), checkpoint);
  const std::string why = kept.trouble.empty() ? "" : ", but " + kept.trouble;
  if (!kept.path.empty()) {
    throw Interrupted("interrupted after a whole step" + why +
                      "; go on with: " + resume_command(options, common, kept.path.string()));
  }
  throw Interrupted(
      "interrupted" + why + ", nor could the run be saved elsewhere; " +
      (otherwise.empty() ? "it is lost" : "go on from an earlier epoch with: " + otherwise));
}

// PGD as the defence's own log shows it: the same starts after every epoch.
WorstCaseCheck pgd_check(const LabelledImages& held_out, Norm norm, float epsilon) {
  return {"attacked", [&held_out, norm, epsilon](const Trainable& network) {
            ThreatModel threat;
            threat.norm = norm;
            threat.epsilon = epsilon;
            PgdOptions attack;
            attack.steps = 20;
            attack.step_size = 0.1F;
            Rng rng(1);
            const std::unique_ptr<Classifier> model = network.classifier();
            const AttackTask task{*model, held_out.images, held_out.labels, threat, {}};
            return 1 - static_cast<double>(pgd(task, attack, rng).successes()) / task.size();
          }};
}

WorstCaseCheck bounds_check(const LabelledImages& held_out, float epsilon, bool with_crown) {
  return {"certified", [&held_out, epsilon, with_crown](const Trainable& network) {
            const int certified =
                certified_by_bounds(network, held_out.images, held_out.labels, epsilon, with_crown);
            return static_cast<double>(certified) / static_cast<double>(held_out.labels.size());
          }};
}

WorstCaseCheck check_of(const RecipeOptions& recipe, const LabelledImages& held_out) {
  if (recipe.method == TrainingMethod::kPlain) return {};
  return trains_with_bounds(recipe.method)
             ? bounds_check(held_out, recipe.judge_epsilon, is_judged_by_crown(recipe))
             : pgd_check(held_out, recipe.norm, recipe.epsilon);
}

// The objective of a method that has one of its own, else null. Notes in the recipe which generator
// it trains with.
std::unique_ptr<Objective> objective_of(RecipeOptions& recipe, const TrainingCommand& options,
                                        const Trainable& network) {
  const NamedMethod& method = describe_method(recipe.method);
  if (!method.heeds(kDecoderBit)) {
    if (!options.generator.empty()) {
      throw UsageError("--generator is not heeded by --method " + std::string(method.name) +
                       "; manifold heeds it");
    }
    return method.heeds(kBoundsBit) ? certified_objective(recipe, network) : nullptr;
  }
  if (options.generator.empty()) {
    throw UsageError("--method " + std::string(method.name) +
                     " trains with the images of a generator; name one that train-generator --kind "
                     "vae made with --generator");
  }
  const Generator vae = load_generator(options.generator);
  const FloatBuffer& numbers = vae.generator.values;
  const std::uint64_t print = fingerprint(ByteView(
      reinterpret_cast<const std::uint8_t*>(numbers.data()), numbers.size() * sizeof(float)));
  if (!options.resume.empty() && recipe.decoder_fingerprint != print) {
    throw Error(options.generator + ": is not the generator that the run of " + options.resume +
                " began with; give that one with --generator");
  }
  recipe.decoder_fingerprint = print;
  return manifold_objective(recipe, network, vae);
}

}  // namespace

Option add_training_options(Command command, TrainingCommand& options) {
  options.name = command.name();
  options.sources.holds_out = true;
  TrainingOptions& training = options.training;
  add_training_images(command, options.sources);
  Option resume = command.add_option("--resume", options.resume,
                                     "Go on from this checkpoint, with the options of its run");
  Option architecture =
      command.add_option("--architecture", options.architecture, "What the network is made of")
          .one_of(trainable_architectures())
          .excludes(resume)
          .show_default();
  Option from = command.add_option(
      "--from", options.from,
      std::string("Go on from this model instead of from scratch: ") + kTrainableFiles +
          ", which is written as it was, with new weights; with --resume, where it lies now");
  from.excludes(architecture);
  add_freeze_option(command, options.freeze_statistics).needs(from).excludes(resume);
  add_preprocess_options(command, options.preprocess);
  command
      .add_option("--epochs", options.epochs,
                  "Passes over the training images in all; if not given " +
                      std::to_string(training.epochs) + ", or with --resume those of its run")
      .within(1, 1000000);
  command.add_option("--batch-size", training.batch_size, "Images of one optimiser step")
      .within(1, 65536)
      .excludes(resume)
      .show_default();
  command.add_option("--learning-rate", training.learning_rate, "Adam's step size")
      .number_within(1e-9, 1e3)
      .excludes(resume)
      .show_default();
  command.add_option("--train-range", options.range, "Train on images A to B-1 only, as A:B")
      .excludes(resume);
  command
      .add_option("--out", options.out,
                  "Where to write the weights (.safetensors; .onnx for cnn7, cnn7_small, small_cnn "
                  "and --from an .onnx)")
      .required();
  command.add_option("--log", options.log, "Write a CSV line an epoch to this file");
  command.add_option(
      "--checkpoint", options.checkpoint,
      "Save the run here after each epoch (Ctrl-C otherwise saves to OUT.checkpoint)");
  return resume;
}

TrainedNetwork train_network(const TrainingCommand& options, const CommonOptions& common) {
  check_training_files(options);
  const Safetensors resumed =
      options.resume.empty() ? Safetensors{} : read_safetensors(options.resume);
  TrainedNetwork result{
      options.resume.empty() ? begin_with(options, common.seed) : go_on_with(options, resumed),
      {},
      {},
      {},
      {}};
  require_kind(options.out, result.model);
  Trainable& network = *result.model.network;
  const PictureRule rule = result.model.notes.pictures();
  const TrainingImages all = load_training_images(options.sources, network.spec(), rule);
  result.test = load_test_images(options.sources, network.spec(), rule);
  TrainingRun& run = result.run;

  const Checkpoint start = options.resume.empty()
                               ? begin_run(options, common.seed, result.model, all.size())
                               : resume_run(options, resumed, network, all.size());
  run = start.run;
  result.training = start.options;
  RecipeOptions& recipe = result.training.recipe;
  const ImageRange learnt{run.begin, run.end - run.held_out}, held_out{learnt.end, run.end};
  const ExampleSource images = all.examples(learnt);
  const std::uint64_t data_fingerprint = all.fingerprint(learnt);
  if (!options.resume.empty() && run.fingerprint != data_fingerprint) {
    throw Error(options.resume + ": its run used other images than these; give that run's data");
  }
  run.fingerprint = data_fingerprint;
  require_batch(network, result.training.batch_size, images.size);
  all.warn(learnt);
  if (result.test.labels.empty()) {
    if (run.held_out == 0) {
      throw UsageError(
          "--images: there is nothing to judge the result by; give --test-images too" +
          std::string(options.name == "train" ? "" : ", or hold some out with --held-out"));
    }
    result.test = all.images(held_out);
  }
  std::unique_ptr<Objective> objective = objective_of(recipe, options, network);
  Trainer trainer(network.copy(), images, result.training, std::move(objective));
  if (!options.resume.empty()) trainer.restore(start.state);
  const bool is_over = trainer.finished() || (!options.epochs && has_collapsed(run, recipe));
  if (is_over) tell_note(over_text(options.resume, trainer));

  const LabelledImages validated = run.held_out > 0 ? all.images(held_out) : result.test;
  const ExampleSource validation = examples_of(validated.images, validated.labels);
  const WorstCaseCheck check = check_of(recipe, validated);
  Progress progress(std::cerr, stderr_style());
  SideFile log(options.log, "training goes on without this log");
  SideFile checkpoint(options.checkpoint, "training goes on without this checkpoint");
  const auto save = [&] {
    if (!options.checkpoint.empty()) checkpoint.write(checkpoint_bytes(trainer, run));
    log.write(to_csv(run.history, check.name));
  };
  const auto on_epoch = [&](const EpochRecord& record) {
    const bool is_best =
        record.attacked_accuracy.value_or(0) >= best_attacked_accuracy(run.history);
    if (run.keep_best && is_best) run.best = weights(weight_table(*trainer.trained()));
    save();
    return !has_collapsed(run, recipe);
  };
  if (is_over) save();
  const bool finished =
      is_over || run_training(trainer, &validation, progress, run.history, on_epoch, check);
  // A checkpoint of an earlier epoch, too, leads to the same network.
  if (checkpoint.is_there()) {
    result.command = resume_command(options, common, options.checkpoint);
  } else if (!options.resume.empty()) {
    result.command = resume_command(options, common, options.resume, true);
  }
  if (!finished) stop(options, common, checkpoint_bytes(trainer, run), result.command);
  if (run.best.empty()) {
    set_all_weights(network, all_weights(*trainer.trained()));
  } else {
    set_weights(network, run.best, "the best weights");
  }
  round_to_file(network);
  return result;
}

CommandLine making_command(const TrainingCommand& options, const TrainedNetwork& trained) {
  const TrainingOptions& t = trained.training;
  const std::string& architecture = trained.model.network->architecture();
  CommandLine line("inoculate", options.name);
  if (!trained.run.from.empty()) {
    line.option("--from", trained.run.from)
        .flag("--freeze-statistics", trained.run.frozen_statistics);
  } else if (architecture != TrainingCommand{}.architecture) {
    line.option("--architecture", architecture);
  }
  return line.option("--images", options.sources.images.images)
      .option("--labels", options.sources.images.labels)
      .option("--epochs", std::to_string(t.epochs))
      .option("--batch-size", std::to_string(t.batch_size))
      .option("--learning-rate", exact(t.learning_rate))
      .option("--train-range",
              std::to_string(trained.run.begin) + ":" + std::to_string(trained.run.end))
      .option("--seed", std::to_string(t.seed));
}

}  // namespace inoculate
