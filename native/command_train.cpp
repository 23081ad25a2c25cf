// inoculate train: the tutorial's CNN from its first weights, or a model from what it has.
#include <iostream>
#include <memory>

#include "evaluate/accuracy.h"
#include "native/commands.h"
#include "native/interrupt.h"
#include "native/output.h"
#include "native/results.h"
#include "native/text.h"
#include "native/training.h"
#include "native/training_run.h"

namespace inoculate {
namespace {

void train(const TrainingCommand& options, const CommonOptions& common) {
  const InterruptGuard guard;  // up to the end, so that finished weights are written
  const TrainedNetwork trained = train_network(options, common);
  const Evaluation result = evaluate(*trained.model.network->classifier(),
                                     examples_of(trained.test.images, trained.test.labels));
  save_trainable(trained.model,
                 {{"trained_by", making_command(options, trained).text()},
                  {"test_accuracy", test_accuracy_text(result)}},
                 options.out, trained.command);
  const double seconds = total_seconds(trained.run.history);
  const double seconds_per_epoch = mean_seconds(trained.run.history);
  if (common.json) {
    Json json = to_json(result);
    json["out"] = options.out;
    json["epochs"] = trained.training.epochs;
    json["train_n"] = trained.run.end - trained.run.begin;
    json["training_seconds"] = seconds;
    json["seconds_per_epoch"] = seconds_per_epoch;
    print_object(json);
  } else {
    std::cout << "test loss      " << fixed(result.loss, 4) << "\ntest accuracy  "
              << accuracy_text(result) << "\ntraining       " << fixed(seconds, 2) << " s, "
              << fixed(seconds_per_epoch, 2) << " s an epoch\nweights        " << options.out
              << '\n';
  }
}

}  // namespace

void add_train(Command app, CommonOptions& common) {
  auto options = std::make_shared<TrainingCommand>();
  Command command = app.add_subcommand(
      "train", "Train a network by Adam; Ctrl-C saves a checkpoint to resume from");
  Option resume = add_training_options(command, *options);
  add_common_options(command, common);
  command.get_option("--seed").excludes(resume);
  command.callback([options, &common] { train(*options, common); });
}

}  // namespace inoculate
