#include "native/training_run.h"

#include <algorithm>
#include <iostream>
#include <utility>

#include "attack/pgd.h"
#include "base/error.h"
#include "native/commands.h"
#include "native/data_warnings.h"
#include "native/files.h"
#include "native/mnist.h"
#include "native/model.h"
#include "native/text.h"
#include "native/training.h"
#include "nn/weights.h"
#include "train/model_file.h"

namespace inoculate {
namespace {

// A fall of accuracy under attack below its best that is no chance: training has learnt to mislead
// its own attack (Wong, Rice & Kolter, 2020, section 5.4).
constexpr double kCollapse = 0.2;

// Whether to end the run for it: not while epsilon still rises, nor where training recovers itself.
bool has_collapsed(const EpochRecord& record, double best, const RecipeOptions& recipe) {
  const bool recovers = recipe.method == TrainingMethod::kFgsmRandomStart && recipe.recover;
  return !recovers && record.epoch > recipe.warm_up &&
         record.attacked_accuracy.value_or(0) <= best - kCollapse;
}

double best_attacked_accuracy(const std::vector<EpochRecord>& history) {
  double best = 0;
  for (const EpochRecord& r : history) best = std::max(best, r.attacked_accuracy.value_or(0));
  return best;
}

struct Range {
  int begin = 0;
  int end = 0;
};

// "A:B" of `size` images, either side of which may be left out.
Range parse_range(const std::string& text, int size) {
  const UsageError wrong("--train-range " + text +
                         ": must be A:B with 0 <= A < B <= " + std::to_string(size));
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) throw wrong;
  const auto number = [&](const std::string& digits, int otherwise) {
    if (digits.empty()) return otherwise;
    if (digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string::npos) {
      throw wrong;
    }
    return std::stoi(digits);
  };
  const Range range{number(text.substr(0, colon), 0), number(text.substr(colon + 1), size)};
  if (range.begin >= range.end || range.end > size) throw wrong;
  return range;
}

void save_checkpoint_file(const Trainer& trainer, const TrainingRun& run, const std::string& path) {
  write_file_atomically(path, write_safetensors(save_checkpoint(trainer, run)));
}

// What a checkpoint says of its run. Sets the network's weights.
Checkpoint resume_run(const TrainingCommand& options, const Safetensors& file, Network& network,
                      int size) {
  Checkpoint resumed = load_checkpoint(file, network, options.resume);
  if (resumed.run.end > size) {
    throw Error(options.resume + ": its run used images up to " + std::to_string(resumed.run.end) +
                ", but this data has " + std::to_string(size) + "; give that run's data");
  }
  const bool plain = resumed.options.recipe.method == TrainingMethod::kPlain;
  if (plain != (options.training.recipe.method == TrainingMethod::kPlain)) {
    throw Error(options.resume + ": is of another sub-command's run; give it to inoculate " +
                (plain ? "train" : "adversarial-train"));
  }
  set_weights(network, resumed.weights, options.resume);
  return resumed;
}

// A new run. Gives the network its first weights.
Checkpoint begin_run(const TrainingCommand& options, std::uint64_t seed, Network& network,
                     int size) {
  const Range range = parse_range(options.range, size);
  if (options.held_out >= range.end - range.begin) {
    throw UsageError("--held-out " + std::to_string(options.held_out) + ": only " +
                     std::to_string(range.end - range.begin) + " training images are there");
  }
  Checkpoint fresh{options.training, {}, {AdamState(0)}, {}};
  fresh.options.seed = seed;
  fresh.run.begin = range.begin;
  fresh.run.end = range.end;
  fresh.run.held_out = options.held_out;
  Rng rng(seed);
  network.initialize(rng);
  return fresh;
}

// What a command that trains the network needs besides the rest.
std::string architecture_option(const Network& network) {
  const std::string& name = network.architecture().name;
  return name == TrainingCommand{}.architecture ? "" : " --architecture " + name;
}

// PGD as the defence's own log shows it: the same starts after every epoch.
AttackAccuracy pgd_accuracy(const LabelledImages& held_out, float epsilon) {
  return [&held_out, epsilon](const Network& network) {
    ThreatModel threat;
    threat.epsilon = epsilon;
    PgdOptions attack;
    attack.steps = 20;
    attack.step_size = 0.1F;
    Rng rng(1);
    const FrozenNetwork frozen(network, FrozenNetwork::For::kGradients);
    const AttackTask task{frozen, held_out.images, held_out.labels, threat, {}};
    return 1 - static_cast<double>(pgd(task, attack, rng).successes()) / task.size();
  };
}

}  // namespace

CLI::Option& add_training_options(CLI::App& command, TrainingCommand& options) {
  options.name = command.get_name();
  TrainingOptions& training = options.training;
  add_data_option(command, options.data);
  CLI::Option* resume = command.add_option(
      "--resume", options.resume, "Go on from this checkpoint, with the options of its run");
  command.add_option("--architecture", options.architecture, "What the network is made of")
      ->check(CLI::IsMember(architecture_names()))
      ->excludes(resume)
      ->capture_default_str();
  command.add_option("--epochs", training.epochs, "Passes over the training images")
      ->check(CLI::Range(1, 1000000))
      ->excludes(resume)
      ->capture_default_str();
  command.add_option("--batch-size", training.batch_size, "Images of one optimiser step")
      ->check(CLI::Range(1, 65536))
      ->excludes(resume)
      ->capture_default_str();
  command.add_option("--learning-rate", training.learning_rate, "Adam's step size")
      ->transform(number_within(1e-9, 1e3))
      ->excludes(resume)
      ->capture_default_str();
  command.add_option("--train-range", options.range, "Train on images A to B-1 only, as A:B")
      ->excludes(resume);
  command.add_option("--out", options.out, "Where to write the weights (.safetensors)")->required();
  command.add_option("--log", options.log, "Write a CSV line an epoch to this file");
  command.add_option(
      "--checkpoint", options.checkpoint,
      "Save the run here after each epoch (Ctrl-C otherwise saves to OUT.checkpoint)");
  return *resume;
}

TrainedNetwork train_network(const TrainingCommand& options, std::uint64_t seed) {
  const std::string checkpoint =
      options.checkpoint.empty() ? options.out + ".checkpoint" : options.checkpoint;
  for (const std::string& path : {options.out, options.log, checkpoint}) {
    if (!path.empty()) require_writable(path);
  }
  const auto folder = find_data(options.data);
  const Dataset all = load_split(folder, Split::kTrain);
  const Safetensors resumed =
      options.resume.empty() ? Safetensors{} : read_safetensors(options.resume);
  TrainedNetwork result{Network(options.resume.empty() ? *find_architecture(options.architecture)
                                                       : architecture_of(resumed, options.resume)),
                        {},
                        {},
                        load_split(folder, Split::kTest)};
  Network& network = result.network;
  TrainingRun& run = result.run;

  const Checkpoint start = options.resume.empty()
                               ? begin_run(options, seed, network, all.size())
                               : resume_run(options, resumed, network, all.size());
  run = start.run;
  result.training = start.options;
  const Dataset images = slice(all, run.begin, run.end - run.held_out);
  const std::uint64_t data_fingerprint = fingerprint(images);
  if (!options.resume.empty() && run.fingerprint != data_fingerprint) {
    throw Error(options.resume + ": its run used other images than these; give that run's data");
  }
  run.fingerprint = data_fingerprint;
  require_batch(network, result.training.batch_size, images.size());
  warn_of_training_data(images);
  Trainer trainer(network, examples_of(images), result.training);
  if (!options.resume.empty()) trainer.restore(start.state);

  const Dataset validated =
      run.held_out > 0 ? slice(all, run.end - run.held_out, run.end) : result.test;
  const ExampleSource validation = examples_of(validated);
  LabelledImages attacked;
  AttackAccuracy attack_accuracy;
  if (result.training.recipe.method != TrainingMethod::kPlain) {
    attacked = all_images(validated);
    attack_accuracy = pgd_accuracy(attacked, result.training.recipe.epsilon);
  }
  Progress progress(std::cerr, stderr_style());
  const bool robust = describe_method(result.training.recipe.method).robust;
  const bool keep_best = attack_accuracy && options.keep_best.value_or(
                                                run.history.empty() ? robust : !run.best.empty());
  if (!keep_best) run.best.clear();
  const bool finished = run_training(
      trainer, &validation, progress, run.history,
      [&](const EpochRecord& record) {
        const double best = best_attacked_accuracy(run.history);
        if (keep_best && record.attacked_accuracy.value_or(0) >= best)
          run.best = weights(trainer.trained());
        if (!options.checkpoint.empty()) save_checkpoint_file(trainer, run, checkpoint);
        if (!options.log.empty()) write_file_atomically(options.log, to_csv(run.history));
        return !keep_best || !has_collapsed(record, best, result.training.recipe);
      },
      attack_accuracy);
  if (!finished) {
    save_checkpoint_file(trainer, run, checkpoint);
    throw Interrupted("interrupted after a whole step; go on with: inoculate " + options.name +
                      " --resume " + checkpoint + " --out " + options.out);
  }
  if (run.best.empty()) {
    network = trainer.trained();
  } else {
    set_weights(network, run.best, checkpoint);
  }
  return result;
}

std::map<std::string, std::string> training_metadata(const TrainingCommand& options,
                                                     const TrainedNetwork& trained,
                                                     const std::string& more_options) {
  const TrainingOptions& t = trained.training;
  return {{"trained_by",
           "inoculate " + options.name + architecture_option(trained.network) + more_options +
               " --epochs " + std::to_string(t.epochs) + " --batch-size " +
               std::to_string(t.batch_size) + " --learning-rate " + Json(t.learning_rate).dump() +
               " --train-range " + std::to_string(trained.run.begin) + ":" +
               std::to_string(trained.run.end) + " --seed " + std::to_string(t.seed)}};
}

}  // namespace inoculate
