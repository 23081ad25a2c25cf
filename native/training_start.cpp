#include "native/training_start.h"

#include "base/error.h"
#include "model/graph_architectures.h"
#include "model/onnx_trainable.h"
#include "native/commands.h"
#include "native/mnist.h"
#include "train/certified_training.h"
#include "train/model_file.h"

namespace inoculate {
namespace {

// "A:B" of `size` images, either side of which may be left out.
ImageRange parse_range(const std::string& text, int size) {
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
  const ImageRange range{number(text.substr(0, colon), 0), number(text.substr(colon + 1), size)};
  if (range.begin >= range.end || range.end > size) throw wrong;
  return range;
}

void set_epochs(TrainingOptions& options, int epochs, const TrainerState& state) {
  if (epochs == options.epochs) return;
  const std::string asked = "--epochs " + std::to_string(epochs) + ": ";
  if (options.schedule == Schedule::kCosine) {
    throw UsageError(asked + "this run's step sizes fall to 0 over its " +
                     std::to_string(options.epochs) +
                     " epochs (cosine schedule), so it can have neither more nor fewer; start "
                     "another run");
  }
  const int begun = state.epoch + (state.step > 0 ? 1 : 0);
  if (epochs < begun) {
    throw UsageError(asked + "this run has already begun epoch " + std::to_string(begun) +
                     "; give that many or more");
  }
  options.epochs = epochs;
}

void set_keep_best(TrainingRun& run, bool keep_best) {
  if (keep_best && !run.keep_best && !run.history.empty()) {
    throw UsageError(
        "--keep best: this run has not kept the weights of its earlier epochs, so the best may be "
        "gone; give --keep last or start the run again");
  }
  run.keep_best = keep_best;
  if (!keep_best) run.best.clear();
}

Engine engine_for(TrainingMethod method) {
  return trains_with_bounds(method) ? Engine::kGraph : Engine::kOwn;
}

}  // namespace

TrainableModel begin_with(const TrainingCommand& options, std::uint64_t seed) {
  const ModelNotes said = notes_of(options.preprocess);
  const Engine engine = engine_for(options.training.recipe.method);
  if (!options.from.empty()) {
    return load_trainable(options.from, said, options.freeze_statistics, engine);
  }
  if (!said.empty()) {
    throw UsageError("--preprocess and its like are for ONNX networks; name one with --from");
  }
  TrainableModel model = first_weights(options.architecture, seed, engine);
  if (engine == Engine::kGraph) initialize_for_bounds(*model.network, seed);
  return model;
}

TrainableModel go_on_with(const TrainingCommand& options, const Safetensors& checkpoint) {
  const CheckpointStart start = checkpoint_start(checkpoint);
  const auto architecture = checkpoint.metadata.find("architecture");
  const bool is_onnx =
      architecture != checkpoint.metadata.end() && architecture->second == kOnnxArchitecture;
  const ModelNotes said = notes_of(options.preprocess);
  if (!is_onnx) {
    if (!options.from.empty() || !said.empty()) {
      throw UsageError(
          "--from and what is said of its pixels are for runs of ONNX networks; this "
          "checkpoint holds all of its network");
    }
    if (architecture != checkpoint.metadata.end() &&
        graph_architecture(architecture->second, 1).has_value()) {
      return first_weights(architecture->second, 1);  // the checkpoint has others
    }
    const auto method = checkpoint_method(checkpoint).value_or(TrainingMethod::kPlain);
    return {trainable_on(engine_for(method), Network(architecture_of(checkpoint, options.resume))),
            start.from};
  }
  const std::string path = options.from.empty() ? start.from : options.from;
  if (path.empty()) {
    throw Error(options.resume +
                ": does not say which ONNX network it trained; name that with --from");
  }
  TrainableModel model = load_trainable(path, said, start.frozen_statistics);
  if (model.fingerprint != start.fingerprint) {
    throw Error(path + ": is not the file that the run of " + options.resume +
                " began with, or has changed since; give that file with --from");
  }
  return model;
}

Checkpoint begin_run(const TrainingCommand& options, std::uint64_t seed,
                     const TrainableModel& model, int size) {
  const ImageRange range = parse_range(options.range, size);
  if (options.held_out >= range.end - range.begin) {
    throw UsageError("--held-out " + std::to_string(options.held_out) + ": only " +
                     std::to_string(range.end - range.begin) + " training images are there");
  }
  Checkpoint fresh{options.training, {}, {AdamState(0)}, {}};
  fresh.options.epochs = options.epochs.value_or(fresh.options.epochs);
  fresh.options.seed = seed;
  fresh.run.begin = range.begin;
  fresh.run.end = range.end;
  fresh.run.held_out = options.held_out;
  fresh.run.keep_best =
      options.keep_best.value_or(describe_method(options.training.recipe.method).robust);
  fresh.run.from = model.path.string();
  fresh.run.from_fingerprint = model.fingerprint;
  fresh.run.frozen_statistics = options.freeze_statistics;
  return fresh;
}

Checkpoint resume_run(const TrainingCommand& options, const Safetensors& file, Trainable& network,
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
  if (options.epochs) set_epochs(resumed.options, *options.epochs, resumed.state);
  if (options.keep_best) set_keep_best(resumed.run, *options.keep_best);
  set_weights(network, resumed.weights, options.resume);
  return resumed;
}

}  // namespace inoculate
