// inoculate train: the tutorial's CNN from its first weights.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "evaluate/accuracy.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/mnist.h"
#include "native/model.h"
#include "native/results.h"
#include "native/text.h"
#include "native/training.h"
#include "nn/weights.h"
#include "train/checkpoint.h"

namespace inoculate {
namespace {

struct Options {
  std::string data;
  TrainingOptions training;
  std::string range;
  std::string out;
  std::string log;
  std::string checkpoint;
  std::string resume;
};

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

// How the weights were made, for the file that holds them.
std::map<std::string, std::string> metadata(const TrainingOptions& t, const TrainingRun& run,
                                            const Evaluation& test) {
  return {{"trained_by", "inoculate train --epochs " + std::to_string(t.epochs) + " --batch-size " +
                             std::to_string(t.batch_size) + " --learning-rate " +
                             Json(t.learning_rate).dump() + " --train-range " +
                             std::to_string(run.begin) + ":" + std::to_string(run.end) +
                             " --seed " + std::to_string(t.seed)},
          {"test_accuracy", fixed(test.accuracy(), 4) + " of n = " + std::to_string(test.n)}};
}

void train(const Options& options, const CommonOptions& common) {
  const std::string checkpoint =
      options.checkpoint.empty() ? options.out + ".checkpoint" : options.checkpoint;
  for (const std::string& path : {options.out, options.log, checkpoint}) {
    if (!path.empty()) require_writable(path);
  }
  const auto folder = find_data(options.data);
  const Dataset all = load_split(folder, Split::kTrain);
  const Dataset test = load_split(folder, Split::kTest);
  const ExampleSource validation = examples_of(test);

  Network network(simple_cnn());
  TrainingOptions training = options.training;
  training.seed = common.seed;
  TrainingRun run;
  std::optional<Checkpoint> resumed;
  if (options.resume.empty()) {
    const Range range = parse_range(options.range, all.size());
    run.begin = range.begin;
    run.end = range.end;
    Rng rng(common.seed);
    network.initialize(rng);
  } else {
    resumed = load_checkpoint(read_safetensors(options.resume), network, options.resume);
    training = resumed->options;
    run = resumed->run;
    if (run.end > all.size()) {
      throw Error(options.resume + ": its run used images up to " + std::to_string(run.end) +
                  ", but this data has " + std::to_string(all.size()) + "; give that run's data");
    }
    set_weights(network, resumed->weights, options.resume);
  }
  const Dataset images = slice(all, run.begin, run.end);
  const std::uint64_t data_fingerprint = fingerprint(images);
  if (resumed && run.fingerprint != data_fingerprint) {
    throw Error(options.resume + ": its run used other images than these; give that run's data");
  }
  run.fingerprint = data_fingerprint;
  Trainer trainer(network, examples_of(images), training);
  if (resumed) trainer.restore(resumed->state);

  Progress progress(std::cerr, stderr_style());
  const bool finished =
      run_training(trainer, &validation, progress, run.history, [&](const EpochRecord&) {
        if (!options.checkpoint.empty()) save_checkpoint_file(trainer, run, checkpoint);
        if (!options.log.empty()) write_file_atomically(options.log, to_csv(run.history));
      });
  if (!finished) {
    save_checkpoint_file(trainer, run, checkpoint);
    throw Interrupted("interrupted after a whole step; go on with: inoculate train --resume " +
                      checkpoint + " --out " + options.out);
  }
  const Evaluation result = evaluate(network, validation);
  save_model(network, metadata(training, run, result), options.out);
  const double seconds = total_seconds(run.history);
  if (common.json) {
    Json json = to_json(result);
    json["out"] = options.out;
    json["epochs"] = training.epochs;
    json["train_n"] = images.size();
    json["training_seconds"] = seconds;
    json["seconds_per_epoch"] = seconds / training.epochs;
    std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
  } else {
    std::cout << "test loss      " << fixed(result.loss, 4) << "\ntest accuracy  "
              << accuracy_text(result) << "\ntraining       " << fixed(seconds, 2) << " s, "
              << fixed(seconds / training.epochs, 2) << " s an epoch\nweights        "
              << options.out << '\n';
  }
}

}  // namespace

void add_train(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *app.add_subcommand(
      "train", "Train the SimpleCNN by Adam; Ctrl-C saves a checkpoint to resume from");
  TrainingOptions& training = options->training;
  add_data_option(command, options->data);
  CLI::Option* resume = command.add_option(
      "--resume", options->resume, "Go on from this checkpoint, with the options of its run");
  command.add_option("--epochs", training.epochs, "Passes over the training images")
      ->check(CLI::Range(1, 1000000))
      ->excludes(resume)
      ->capture_default_str();
  command.add_option("--batch-size", training.batch_size, "Images of one optimiser step")
      ->check(CLI::Range(1, 65536))
      ->excludes(resume)
      ->capture_default_str();
  command.add_option("--learning-rate", training.learning_rate, "Adam's step size")
      ->check(number_within(1e-9, 1e3))
      ->excludes(resume)
      ->capture_default_str();
  options->range = ":";
  command.add_option("--train-range", options->range, "Train on images A to B-1 only, as A:B")
      ->excludes(resume);
  command.add_option("--out", options->out, "Where to write the weights (.safetensors)")
      ->required();
  command.add_option("--log", options->log, "Write a CSV line an epoch to this file");
  command.add_option(
      "--checkpoint", options->checkpoint,
      "Save the run here after each epoch (Ctrl-C otherwise saves to OUT.checkpoint)");
  add_common_options(command, common);
  command.get_option("--seed")->excludes(resume);
  command.callback([options, &common] { train(*options, common); });
}

}  // namespace inoculate
