// inoculate adversarial-train: the network trained from its first weights to withstand an attack.
#include <iostream>
#include <memory>
#include <optional>

#include "attack/fgsm.h"
#include "evaluate/accuracy.h"
#include "native/commands.h"
#include "native/interrupt.h"
#include "native/mnist.h"
#include "native/model.h"
#include "native/output.h"
#include "native/results.h"
#include "native/text.h"
#include "native/threat_options.h"
#include "native/training.h"
#include "native/training_run.h"

namespace inoculate {
namespace {

struct Options {
  TrainingCommand run;
  std::string method = "mixed-batch";
  std::string schedule = "constant";
  std::string keep;
  std::optional<float> step_size;
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

// The command that makes the weights again, with what the method heeds.
std::string trained_by(const TrainingCommand& options, const TrainedNetwork& trained) {
  const TrainingOptions& t = trained.training;
  const RecipeOptions& r = t.recipe;
  const bool pgd = r.method == TrainingMethod::kPgd, trades = r.method == TrainingMethod::kTrades;
  const bool smoothing = r.method == TrainingMethod::kLabelSmoothing;
  CommandLine line = making_command(options, trained);
  line.option("--method", method_name(r.method))
      .option("--held-out", std::to_string(trained.run.held_out));
  if (!smoothing) line.option("--epsilon", exact(r.epsilon));
  if (pgd || trades) {
    line.option("--steps", std::to_string(r.steps)).option("--step-size", exact(r.step_size));
  }
  if (pgd && r.smooth_share > 0) line.option("--smooth-share", exact(r.smooth_share));
  if (trades) line.option("--beta", exact(r.beta));
  if (smoothing) line.option("--smoothing", exact(r.smoothing));
  if (r.warm_up > 0) line.option("--warm-up", exact(r.warm_up));
  line.flag("--no-recovery", r.method == TrainingMethod::kFgsmRandomStart && !r.recover);
  if (t.schedule == Schedule::kCosine) line.option("--schedule", "cosine");
  if (t.average > 0) line.option("--average", exact(t.average));
  return line.option("--keep", trained.run.keep_best ? "best" : "last").text();
}

void adversarial_train(Options options, const CommonOptions& common) {
  TrainingOptions& training = options.run.training;
  training.recipe.method = *find_training_method(options.method);
  if (options.schedule == "cosine") training.schedule = Schedule::kCosine;
  RecipeOptions& recipe = training.recipe;
  require_linf_size("--epsilon", recipe.epsilon);
  if (options.step_size) require_linf_size("--step-size", *options.step_size);
  recipe.step_size = options.step_size.value_or(default_step_size(recipe.epsilon));
  if (!options.keep.empty()) options.run.keep_best = options.keep == "best";
  const InterruptGuard guard;  // up to the end, so that finished weights are written
  const TrainedNetwork trained = train_network(options.run, common);
  const Verdict verdict = judge(trained);
  save_model(trained.network,
             {{"trained_by", trained_by(options.run, trained)},
              {"test_accuracy", test_accuracy_text(verdict.clean)}},
             options.run.out, trained.command);
  const double seconds = total_seconds(trained.run.history);
  if (common.json) {
    print_object(Json{{"clean", to_json(verdict.clean)},
                      {"fresh_fgsm", to_json(verdict.fresh)},
                      {"method", method_name(trained.training.recipe.method)},
                      {"epsilon", trained.training.recipe.epsilon},
                      {"training_seconds", seconds},
                      {"seconds_per_epoch", mean_seconds(trained.run.history)}});
  } else {
    std::cout << "test accuracy  " << accuracy_text(verdict.clean) << "\nfresh FGSM     "
              << accuracy_text(verdict.fresh) << "\ntraining       " << fixed(seconds, 2) << " s, "
              << fixed(mean_seconds(trained.run.history), 2) << " s an epoch\nweights        "
              << options.run.out << '\n';
  }
}

}  // namespace

void add_adversarial_train(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  options->run.held_out = 1000;
  CLI::App& command = *app.add_subcommand(
      "adversarial-train",
      "Train a network against attacks; each epoch is checked by PGD on held-out images");
  CLI::Option& resume = add_training_options(command, options->run);
  RecipeOptions& recipe = options->run.training.recipe;
  std::vector<std::string> names;
  std::string titles = "The defence";
  for (const NamedMethod& m : training_methods().subspan(1)) {
    titles += (names.empty() ? ": " : "; ") + std::string(m.name) + ", " + m.title;
    names.emplace_back(m.name);
  }
  command.add_option("--method", options->method, titles)
      ->check(CLI::IsMember(names))
      ->excludes(&resume)
      ->capture_default_str();
  command
      .add_option("--epsilon", recipe.epsilon,
                  "Size of the perturbations in L-inf, in pixels of 0..1")
      ->transform(number_within(0, 1000))
      ->excludes(&resume)
      ->capture_default_str();
  command.add_option("--steps", recipe.steps, "Steps of pgd and trades")
      ->check(CLI::Range(1, 1000000))
      ->excludes(&resume)
      ->capture_default_str();
  command
      .add_option("--step-size", options->step_size,
                  "Size of a step of pgd and trades, in pixels of 0..1; if not given a quarter of "
                  "epsilon")
      ->transform(number_within(1e-9, 1000))
      ->excludes(&resume);
  command
      .add_option("--smooth-share", recipe.smooth_share,
                  "Share of the batches that pgd attacks along smoothed gradients")
      ->transform(number_within(0, 1))
      ->excludes(&resume)
      ->capture_default_str();
  command.add_option("--beta", recipe.beta, "Weight of the neighbours in trades")
      ->transform(number_within(0, 1000))
      ->excludes(&resume)
      ->capture_default_str();
  command.add_option("--smoothing", recipe.smoothing, "Share of a label given to all classes")
      ->transform(number_within(0, 1))
      ->excludes(&resume)
      ->capture_default_str();
  command.add_option("--warm-up", recipe.warm_up, "Epochs in which epsilon rises from 0")
      ->transform(number_within(0, 1e6))
      ->excludes(&resume)
      ->capture_default_str();
  command
      .add_flag("!--no-recovery", recipe.recover,
                "Let fgsm-rs overfit to its one step, which ends the run when best weights are "
                "kept, instead of going over to PGD for some batches")
      ->excludes(&resume);
  command
      .add_option("--schedule", options->schedule,
                  "Adam's step size: constant, or cosine, which falls to 0")
      ->check(CLI::IsMember({"constant", "cosine"}))
      ->excludes(&resume)
      ->capture_default_str();
  command
      .add_option("--average", options->run.training.average,
                  "Average the weights over the steps with this decay, such as 0.995, and check "
                  "and write those; 0: do not")
      ->transform(number_within(0, 0.99999))
      ->excludes(&resume)
      ->capture_default_str();
  command
      .add_option("--keep", options->keep,
                  "Which weights to write: those of the epoch that withstood PGD best, or the "
                  "last; if not given, best for fgsm-rs, pgd and trades")
      ->check(CLI::IsMember({"best", "last"}));
  command
      .add_option("--held-out", options->run.held_out,
                  "How many of the last training images to keep for checking")
      ->check(CLI::Range(1, kMostImages))
      ->excludes(&resume)
      ->capture_default_str();
  add_common_options(command, common);
  command.get_option("--seed")->excludes(&resume);
  command.callback([options, &common] { adversarial_train(*options, common); });
}

}  // namespace inoculate
