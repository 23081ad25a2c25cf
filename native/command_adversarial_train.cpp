// inoculate adversarial-train: the network trained from its first weights to withstand an attack.
#include <iostream>
#include <memory>

#include "attack/fgsm.h"
#include "evaluate/accuracy.h"
#include "native/commands.h"
#include "native/mnist.h"
#include "native/model.h"
#include "native/results.h"
#include "native/text.h"
#include "native/training.h"
#include "native/training_run.h"

namespace inoculate {
namespace {

struct Options {
  TrainingCommand run;
  std::string method = "mixed-batch";
};

// What it is worth on the test images: clean, and under a fresh FGSM at the epsilon trained for.
struct Verdict {
  Evaluation clean;
  Evaluation fresh;
};

Verdict judge(const TrainedNetwork& trained) {
  const auto [images, labels] = all_images(trained.test);
  FgsmOptions attack;
  attack.threat.epsilon = trained.training.recipe.epsilon;
  const Matrix fresh = fgsm(trained.network, images, labels, attack);
  return {evaluate(trained.network, examples_of(images, labels)),
          evaluate(trained.network, examples_of(fresh, labels))};
}

std::string recipe_options(const TrainedNetwork& trained) {
  const RecipeOptions& recipe = trained.training.recipe;
  return std::string(" --method ") + method_name(recipe.method) + " --epsilon " +
         Json(recipe.epsilon).dump() + " --held-out " + std::to_string(trained.run.held_out);
}

void adversarial_train(Options options, const CommonOptions& common) {
  options.run.training.recipe.method = *find_training_method(options.method);
  const TrainedNetwork trained = train_network(options.run, common.seed);
  const Verdict verdict = judge(trained);
  auto metadata = training_metadata(options.run, trained, recipe_options(trained));
  metadata["test_accuracy"] =
      fixed(verdict.clean.accuracy(), 4) + " of n = " + std::to_string(verdict.clean.n);
  save_model(trained.network, metadata, options.run.out);
  const double seconds = total_seconds(trained.run.history);
  if (common.json) {
    std::cout << Json{{"clean", to_json(verdict.clean)},
                      {"fresh_fgsm", to_json(verdict.fresh)},
                      {"method", method_name(trained.training.recipe.method)},
                      {"epsilon", trained.training.recipe.epsilon},
                      {"training_seconds", seconds},
                      {"seconds_per_epoch", seconds / trained.training.epochs}}
                     .dump()
              << '\n';
  } else {
    std::cout << "test accuracy  " << accuracy_text(verdict.clean) << "\nfresh FGSM     "
              << accuracy_text(verdict.fresh) << "\ntraining       " << fixed(seconds, 2) << " s, "
              << fixed(seconds / trained.training.epochs, 2) << " s an epoch\nweights        "
              << options.run.out << '\n';
  }
}

}  // namespace

void add_adversarial_train(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  options->run.held_out = 1000;
  CLI::App& command = *app.add_subcommand(
      "adversarial-train",
      "Train the SimpleCNN against attacks; each epoch is checked by PGD on held-out images");
  CLI::Option& resume = add_training_options(command, options->run);
  command.add_option("--method", options->method, "The defence: mixed-batch")
      ->check(CLI::IsMember({"mixed-batch"}))
      ->excludes(&resume)
      ->capture_default_str();
  command
      .add_option("--epsilon", options->run.training.recipe.epsilon,
                  "Size of the perturbations in L-inf, in pixels of 0..1")
      ->check(number_within(0, 1000))
      ->excludes(&resume)
      ->capture_default_str();
  command
      .add_option("--held-out", options->run.held_out,
                  "The last so many training images are kept to check on")
      ->check(CLI::Range(1, kMostImages))
      ->excludes(&resume)
      ->capture_default_str();
  add_common_options(command, common);
  command.get_option("--seed")->excludes(&resume);
  command.callback([options, &common] { adversarial_train(*options, common); });
}

}  // namespace inoculate
