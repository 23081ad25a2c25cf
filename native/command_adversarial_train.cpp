// inoculate adversarial-train: a network trained to withstand an attack, from its first weights or
// from those that a model has.
#include <iostream>
#include <memory>
#include <optional>

#include "attack/fgsm.h"
#include "evaluate/accuracy.h"
#include "evaluate/interval.h"
#include "native/commands.h"
#include "native/interrupt.h"
#include "native/mnist.h"
#include "native/output.h"
#include "native/results.h"
#include "native/text.h"
#include "native/threat_options.h"
#include "native/training.h"
#include "native/training_run.h"
#include "train/certified_training.h"

namespace inoculate {
namespace {

// An option that some methods do not heed.
struct MethodOption {
  Option option;
  RecipeOptionBits bit;
};

struct Options {
  TrainingCommand run;
  std::vector<MethodOption> of_methods;
  std::string method = "mixed-batch";
  std::string schedule = "constant";
  std::string norm = "linf";
  std::string keep;
  std::optional<float> step_size, kappa, judge_epsilon;
};

// What it is worth on the test images: clean, under a fresh FGSM at the epsilon trained for, and
// how many of them bounds certify, where it was trained for that.
struct Verdict {
  Evaluation clean;
  Evaluation fresh;
  float epsilon = 0;
  std::optional<int> certified{};
  std::string bounds{};
};

Verdict judge(const TrainedNetwork& trained) {
  const auto& [images, labels] = trained.test;
  const RecipeOptions& recipe = trained.training.recipe;
  const bool bounds = trains_with_bounds(recipe.method);
  FgsmOptions attack;
  attack.threat.norm = recipe.norm;
  attack.threat.epsilon = bounds ? recipe.judge_epsilon : recipe.epsilon;
  const std::unique_ptr<Classifier> model = trained.model.network->classifier();
  const Matrix fresh = fgsm(*model, images, labels, attack);
  Verdict verdict{evaluate(*model, examples_of(images, labels)),
                  evaluate(*model, examples_of(fresh, labels)), attack.threat.epsilon};
  if (bounds) {
    verdict.certified = certified_by_bounds(*trained.model.network, images, labels,
                                            recipe.judge_epsilon, is_judged_by_crown(recipe));
    verdict.bounds =
        is_judged_by_crown(recipe) ? "interval bounds and CROWN-IBP" : "interval bounds";
  }
  return verdict;
}

// The methods that heed an option: "pgd and trades".
std::string methods_heeding(RecipeOptionBits bit) {
  std::vector<std::string> names;
  for (const NamedMethod& m : training_methods()) {
    if (m.heeds(bit)) names.emplace_back(m.name);
  }
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 < names.size() ? ", " : " and ";
    text += names[i];
  }
  return text;
}

// Throws UsageError when an option was given that the method does not heed.
void refuse_unheeded(const Options& options) {
  const NamedMethod& method = describe_method(options.run.training.recipe.method);
  for (const auto& [option, bit] : options.of_methods) {
    if (!option.given() || method.heeds(bit)) continue;
    const std::string heeding = methods_heeding(bit);
    throw UsageError(option.name() + " is not heeded by --method " + method.name + "; " + heeding +
                     (heeding.find(' ') == std::string::npos ? " heeds" : " heed") + " it");
  }
}

// The command that makes the weights again, with what the method heeds.
std::string trained_by(const TrainingCommand& options, const TrainedNetwork& trained) {
  const TrainingOptions& t = trained.training;
  const RecipeOptions& r = t.recipe;
  const NamedMethod& method = describe_method(r.method);
  CommandLine line = making_command(options, trained);
  line.option("--method", method.name)
      .option("--held-out", std::to_string(trained.run.held_out))
      .option("--epsilon", exact(r.epsilon));
  if (method.heeds(kNormBit) && r.norm != Norm::kLinf) line.option("--norm", norm_name(r.norm));
  if (method.heeds(kDecoderBit)) {
    line.option("--generator", options.generator).option("--pair-weight", exact(r.pair_weight));
  }
  if (method.heeds(kAttackStepsBit)) {
    line.option("--steps", std::to_string(r.steps)).option("--step-size", exact(r.step_size));
  }
  if (method.heeds(kSmoothShareBit) && r.smooth_share > 0) {
    line.option("--smooth-share", exact(r.smooth_share));
  }
  if (method.heeds(kBetaBit)) line.option("--beta", exact(r.beta));
  if (method.heeds(kSmoothingBit)) line.option("--smoothing", exact(r.smoothing));
  if (method.heeds(kSigmaBit)) line.option("--sigma", exact(r.sigma));
  if (method.heeds(kWarmUpBit) && r.warm_up > 0) line.option("--warm-up", exact(r.warm_up));
  if (method.heeds(kBoundsBit)) {
    line.option("--kappa", exact(r.kappa))
        .option("--l1", exact(r.l1))
        .option("--clip-norm", exact(r.clip_norm))
        .option("--judge-epsilon", exact(r.judge_epsilon));
  }
  if (method.heeds(kCrownBit)) line.option("--crown-share", exact(r.crown_share));
  line.flag("--no-recovery", method.heeds(kRecoverBit) && !r.recover);
  if (t.schedule == Schedule::kCosine) line.option("--schedule", "cosine");
  if (t.average > 0) line.option("--average", exact(t.average));
  return line.option("--keep", trained.run.keep_best ? "best" : "last").text();
}

void adversarial_train(Options options, const CommonOptions& common) {
  TrainingOptions& training = options.run.training;
  training.recipe.method = *find_training_method(options.method);
  refuse_unheeded(options);
  if (options.schedule == "cosine") training.schedule = Schedule::kCosine;
  RecipeOptions& recipe = training.recipe;
  recipe.norm = norm_of(options.norm);
  const bool is_linf = recipe.norm == Norm::kLinf;
  if (is_linf) require_linf_size("--epsilon", recipe.epsilon);
  if (is_linf && options.step_size) require_linf_size("--step-size", *options.step_size);
  if (options.judge_epsilon) require_linf_size("--judge-epsilon", *options.judge_epsilon);
  if (describe_method(recipe.method).heeds(kCrownBit) && recipe.warm_up == 0 &&
      recipe.crown_share == 0) {
    throw UsageError(
        "--method crown-ibp without --warm-up is ibp: give the epochs in which CROWN gives way to "
        "intervals, or --crown-share above 0");
  }
  recipe.step_size = options.step_size.value_or(default_step_size(recipe.epsilon));
  recipe.kappa =
      options.kappa.value_or(recipe.method == TrainingMethod::kMtlIbp ? kMtlIbpKappa : 0);
  recipe.judge_epsilon = options.judge_epsilon.value_or(recipe.epsilon);
  if (!options.keep.empty()) options.run.keep_best = options.keep == "best";
  const InterruptGuard guard;  // up to the end, so that finished weights are written
  const TrainedNetwork trained = train_network(options.run, common);
  const Verdict verdict = judge(trained);
  save_trainable(trained.model,
                 {{"trained_by", trained_by(options.run, trained)},
                  {"test_accuracy", test_accuracy_text(verdict.clean)}},
                 options.run.out, trained.command);
  const double seconds = total_seconds(trained.run.history);
  if (common.json) {
    Json json{{"clean", to_json(verdict.clean)},
              {"fresh_fgsm", to_json(verdict.fresh)},
              {"method", method_name(trained.training.recipe.method)},
              {"epsilon", trained.training.recipe.epsilon},
              {"training_seconds", seconds},
              {"seconds_per_epoch", mean_seconds(trained.run.history)}};
    if (verdict.certified) {
      const Interval interval = wilson_interval(*verdict.certified, verdict.clean.n);
      json["certified"] = {{"epsilon", verdict.epsilon},
                           {"by", verdict.bounds + " in single precision"},
                           {"correct", *verdict.certified},
                           {"n", verdict.clean.n},
                           {"accuracy_interval", {interval.low, interval.high}}};
    }
    print_object(json);
  } else {
    std::cout << "test accuracy  " << accuracy_text(verdict.clean) << "\nfresh FGSM     "
              << accuracy_text(verdict.fresh);
    if (verdict.certified) {
      std::cout << "\ncertified      " << share_text(*verdict.certified, verdict.clean.n)
                << ", n = " << verdict.clean.n << ", epsilon "
                << number(static_cast<double>(verdict.epsilon)) << ", by " << verdict.bounds;
    }
    std::cout << "\ntraining       " << fixed(seconds, 2) << " s, "
              << fixed(mean_seconds(trained.run.history), 2) << " s an epoch\nweights        "
              << options.run.out << '\n';
  }
}

}  // namespace

void add_adversarial_train(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  options->run.held_out = 1000;
  Command command = app.add_subcommand(
      "adversarial-train",
      "Train a network against attacks, or for certificates; each epoch is checked by PGD, or by "
      "interval bounds, on held-out images");
  Option resume = add_training_options(command, options->run);
  RecipeOptions& recipe = options->run.training.recipe;
  std::vector<std::string> names;
  std::string titles = "The defence";
  for (const NamedMethod& m : training_methods().subspan(1)) {
    titles += (names.empty() ? ": " : "; ") + std::string(m.name) + ", " + m.title;
    names.emplace_back(m.name);
  }
  command.add_option("--method", options->method, titles)
      .one_of(names)
      .excludes(resume)
      .show_default();
  command
      .add_option("--epsilon", recipe.epsilon,
                  "Size of the perturbations, in pixels of 0..1 and the norm")
      .number_within(0, 1000)
      .excludes(resume)
      .show_default();
  // An option with what it says, then the methods that heed it.
  const auto add = [&](RecipeOptionBits bit, const char* name, auto& value,
                       const std::string& text) {
    Option option =
        command.add_option(name, value, text + " (" + methods_heeding(bit) + ")").excludes(resume);
    options->of_methods.push_back({option, bit});
    return option;
  };
  add(kNormBit, "--norm", options->norm, "How the size is measured: linf or l2")
      .one_of({"linf", "l2"})
      .show_default();
  add(kDecoderBit, "--pair-weight", recipe.pair_weight,
      "Weight of the pairs of a generator's images that are near each other and read differently")
      .number_within(0, 1000)
      .show_default();
  command.add_option("--generator", options->run.generator,
                     "The generator (train-generator --kind vae) of those images; with --resume, "
                     "where it lies now (" +
                         methods_heeding(kDecoderBit) + ")");
  add(kAttackStepsBit, "--steps", recipe.steps, "Steps of the attack")
      .within(1, 1000000)
      .show_default();
  add(kAttackStepsBit, "--step-size", options->step_size,
      "Size of a step, in pixels of 0..1; if not given a quarter of epsilon")
      .number_within(1e-9, 1000);
  add(kSmoothShareBit, "--smooth-share", recipe.smooth_share,
      "Share of the batches that are attacked along smoothed gradients")
      .number_within(0, 1)
      .show_default();
  add(kBetaBit, "--beta", recipe.beta, "Weight of the neighbours")
      .number_within(0, 1000)
      .show_default();
  add(kSmoothingBit, "--smoothing", recipe.smoothing, "Share of a label given to all classes")
      .number_within(0, 1)
      .show_default();
  add(kSigmaBit, "--sigma", recipe.sigma,
      "Deviation of the noise, in pixels of 0..1: that of certify --method smoothing")
      .number_within(1e-3, 100)
      .show_default();
  add(kWarmUpBit, "--warm-up", recipe.warm_up, "Epochs in which epsilon rises from 0")
      .number_within(0, 1e6)
      .show_default();
  add(kBoundsBit, "--kappa", options->kappa,
      "Share of the loss that the images themselves keep beside their bounds, where it falls to "
      "from 1 while epsilon rises; if not given 0.5 for mtl-ibp, else 0")
      .number_within(0, 1);
  add(kBoundsBit, "--l1", recipe.l1, "What each number of a kernel costs, times its magnitude")
      .number_within(0, 1)
      .show_default();
  add(kBoundsBit, "--clip-norm", recipe.clip_norm, "The most that a gradient's norm may be")
      .number_within(1e-6, 1e6)
      .show_default();
  add(kCrownBit, "--crown-share", recipe.crown_share,
      "Share of the bounds that are CROWN's and not intervals', where it falls to from 1 while "
      "epsilon rises")
      .number_within(0, 1)
      .show_default();
  add(kBoundsBit, "--judge-epsilon", options->judge_epsilon,
      "Size at which the held-out images are certified, which chooses the best weights; if not "
      "given that of --epsilon")
      .number_within(0, 1000);
  Option no_recovery =
      command
          .add_flag("!--no-recovery", recipe.recover,
                    "Let it overfit to its one step, which ends the run when best weights are "
                    "kept, instead of going over to PGD for some batches (" +
                        methods_heeding(kRecoverBit) + ")")
          .excludes(resume);
  options->of_methods.push_back({no_recovery, kRecoverBit});
  command
      .add_option("--schedule", options->schedule,
                  "Adam's step size: constant, or cosine, which falls to 0")
      .one_of({"constant", "cosine"})
      .excludes(resume)
      .show_default();
  command
      .add_option("--average", options->run.training.average,
                  "Average the weights over the steps with this decay, such as 0.995, and check "
                  "and write those; 0: do not")
      .number_within(0, 0.99999)
      .excludes(resume)
      .show_default();
  command
      .add_option("--keep", options->keep,
                  "Which weights to write: those of the epoch whose check came out best, or the "
                  "last; if not given, best for fgsm-rs, pgd, manifold, trades, ibp, mtl-ibp and "
                  "crown-ibp")
      .one_of({"best", "last"});
  command
      .add_option("--held-out", options->run.held_out,
                  "How many of the last training images to keep for checking")
      .within(1, kMostImages)
      .excludes(resume)
      .show_default();
  add_common_options(command, common);
  command.get_option("--seed").excludes(resume);
  command.callback([options, &common] { adversarial_train(*options, common); });
}

}  // namespace inoculate
