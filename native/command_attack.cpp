// inoculate attack NAME: adversaries of a data set's images, and what they do to a model.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <limits>
#include <memory>

#include "attack/registry.h"
#include "base/error.h"
#include "data/npy.h"
#include "evaluate/accuracy.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/interrupt.h"
#include "native/mnist.h"
#include "native/model.h"
#include "native/png.h"
#include "native/progress.h"
#include "native/results.h"
#include "native/text.h"
#include "native/threat_options.h"

namespace inoculate {
namespace {

struct Options {
  std::string model;
  std::string data;
  std::string split = "test";
  int start = 0;
  int count = 1000;
  ThreatOptions threat;
  int target = -1;
  float confidence = 0;
  AttackOptions attack;
  std::string out;
  std::string sheet;
};

// The size of perturbations in both norms, over all images.
struct Distances {
  double mean_linf = 0;
  double largest_linf = 0;
  double mean_l2 = 0;
  double largest_l2 = 0;
};

Distances measure(const Matrix& images, const Matrix& adversaries) {
  Distances d;
  for (Eigen::Index i = 0; i < images.rows(); ++i) {
    double largest = 0, squares = 0;
    for (Eigen::Index j = 0; j < images.cols(); ++j) {
      const double change = std::abs(static_cast<double>(adversaries(i, j)) - images(i, j));
      largest = std::max(largest, change);
      squares += change * change;
    }
    const double length = std::sqrt(squares);
    d.mean_linf += largest / static_cast<double>(images.rows());
    d.mean_l2 += length / static_cast<double>(images.rows());
    d.largest_linf = std::max(d.largest_linf, largest);
    d.largest_l2 = std::max(d.largest_l2, length);
  }
  return d;
}

struct Outcome {
  std::string attack;    // the method's name
  std::string settings;  // and all of it in words
  Criterion criterion;
  Evaluation clean;
  Evaluation adversarial;
  int successes = 0;
  double forward_calls = 0;  // means over the images
  double gradient_calls = 0;
  Distances distances;
  double seconds = 0;
};

void print_text(const Outcome& o) {
  const Distances& d = o.distances;
  std::cout << o.settings << "\nclean accuracy        " << accuracy_text(o.clean)
            << "\nadversarial accuracy  " << accuracy_text(o.adversarial);
  if (o.criterion.target || o.criterion.confidence > 0) {
    std::cout << "\nsuccesses             "
              << percent(static_cast<double>(o.successes) / o.adversarial.n);
  }
  std::cout << "\nperturbation          L-inf mean " << fixed(d.mean_linf, 4) << ", largest "
            << fixed(d.largest_linf, 4) << "; L2 mean " << fixed(d.mean_l2, 4) << ", largest "
            << fixed(d.largest_l2, 4) << "\ncalls an image        " << fixed(o.forward_calls, 1)
            << " forward, " << fixed(o.gradient_calls, 1) << " gradient\ntime                  "
            << fixed(o.seconds, 3) << " s, " << fixed(o.adversarial.n / o.seconds, 0)
            << " images/s\n";
}

void print_json(const Outcome& o) {
  const Distances& d = o.distances;
  Json json{{"attack", o.attack},
            {"settings", o.settings},
            {"n", o.clean.n},
            {"clean_accuracy", o.clean.accuracy()},
            {"adversarial_accuracy", o.adversarial.accuracy()},
            {"success_rate", static_cast<double>(o.successes) / o.adversarial.n},
            {"clean", to_json(o.clean)},
            {"adversarial", to_json(o.adversarial)}};
  if (o.criterion.target) {
    json["target"] = *o.criterion.target;
    json["target_rate"] = json["success_rate"];
  }
  json["perturbation"] = {{"linf_mean", d.mean_linf},
                          {"linf_largest", d.largest_linf},
                          {"l2_mean", d.mean_l2},
                          {"l2_largest", d.largest_l2}};
  json["forward_calls"] = o.forward_calls;
  json["gradient_calls"] = o.gradient_calls;
  json["seconds"] = o.seconds;
  std::cout << json.dump() << '\n';
}

void save_sheet(const std::string& path, const AttackTask& task, const Matrix& adversaries,
                const std::string& title, const Outcome& outcome) {
  const Sheet sheet{title,
                    outcome.settings + "; accuracy " + percent(outcome.clean.accuracy()) + " to " +
                        percent(outcome.adversarial.accuracy()) + " on " +
                        std::to_string(outcome.clean.n) + " images",
                    sheet_entries(task.network, task.images, adversaries, task.labels)};
  write_file_atomically(path, write_png(draw_sheet(sheet)));
}

AttackResult run(const AttackMethod& method, const AttackTask& task, const AttackOptions& options,
                 std::uint64_t seed) {
  const InterruptGuard guard;
  Progress progress(std::cerr, stderr_style());
  progress.begin(method.name);
  Rng rng(seed);
  AttackResult result = method.run(task, options, rng, [&](const AttackProgress& p) {
    progress.step(p.done, p.total);
    return !InterruptGuard::interrupted();
  });
  progress.pause();
  if (result.cancelled) throw Interrupted("interrupted; nothing was written");
  return result;
}

void attack(const AttackMethod& method, const Options& options, const CommonOptions& common) {
  for (const std::string& path : {options.out, options.sheet}) {
    if (!path.empty()) require_writable(path);
  }
  const Network network = load_model(options.model);
  const Dataset all =
      load_split(find_data(options.data), options.split == "test" ? Split::kTest : Split::kTrain);
  const Dataset some = select(all, options.start, options.count);
  const auto [images, labels] = all_images(some);
  Criterion criterion;
  if (options.target >= 0) criterion.target = static_cast<std::uint8_t>(options.target);
  criterion.confidence = options.confidence;
  AttackOptions attack_options = options.attack;
  attack_options.loss = options.threat.attack_loss();
  const AttackTask task{network, images, labels, options.threat.threat(), criterion};

  const auto begin = std::chrono::steady_clock::now();
  const AttackResult result = run(method, task, attack_options, common.seed);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  Outcome outcome{method.name,
                  describe(method, task.threat, criterion, attack_options),
                  criterion,
                  evaluate(network, examples_of(images, labels)),
                  evaluate(network, examples_of(result.adversaries, labels)),
                  result.successes(),
                  0,
                  0,
                  measure(images, result.adversaries),
                  seconds};
  for (const AttackCalls& calls : result.calls) {
    outcome.forward_calls += calls.forward;
    outcome.gradient_calls += calls.gradient;
  }
  outcome.forward_calls /= task.size();
  outcome.gradient_calls /= task.size();

  if (!options.out.empty()) {
    const Matrix& adversaries = result.adversaries;
    write_file_atomically(
        options.out, write_npy({adversaries.data(), static_cast<std::size_t>(adversaries.size())},
                               {adversaries.rows(), some.shape.h, some.shape.w, some.shape.c}));
  }
  if (!options.sheet.empty()) {
    save_sheet(options.sheet, task, result.adversaries, method.title, outcome);
  }
  common.json ? print_json(outcome) : print_text(outcome);
}

// The sub-command of one method, with the options that it heeds.
void add_method(CLI::App& attacks, const AttackMethod& method, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  CLI::App& command =
      *attacks.add_subcommand(method.name, std::string(method.title) + " (" + method.paper + ")");
  command.add_option("--model", options->model, "Weights (.safetensors)")->required();
  add_data_option(command, options->data);
  command.add_option("--split", options->split, "Which images: test or train")
      ->check(CLI::IsMember({"test", "train"}))
      ->capture_default_str();
  command.add_option("--start", options->start, "The first image to attack, counted from 0")
      ->check(CLI::Range(0, kMostImages))
      ->capture_default_str();
  command.add_option("--count", options->count, "How many images to attack")
      ->check(CLI::Range(1, kMostImages))
      ->capture_default_str();
  const auto heeds = [&](unsigned bit) { return (method.options & bit) != 0; };
  AttackOptions& attack_options = options->attack;
  if (method.nearest) options->threat.epsilon = std::numeric_limits<float>::infinity();
  if (method.norms.size() == 1 && method.norms[0] == Norm::kL2) options->threat.norm = "l2";
  if (heeds(kEpsilonBit)) add_epsilon_option(command, options->threat);
  if (method.norms.size() > 1) add_norm_option(command, options->threat);
  if (heeds(kLossBit)) add_loss_option(command, options->threat);
  add_clip_option(command, options->threat);
  if (heeds(kStepsBit)) {
    command.add_option("--steps", attack_options.steps, "Steps along the gradient")
        ->check(CLI::Range(1, 1000000));
  }
  if (heeds(kStepSizeBit)) {
    command
        .add_option("--step-size", attack_options.step_size, "Size of a step, in pixels of 0..1")
        ->check(number_within(1e-9, 1000));
  }
  if (heeds(kQueriesBit)) {
    command.add_option("--queries", attack_options.queries, "Looks at each image, at most")
        ->check(CLI::Range(2, 1000000));
  }
  if (heeds(kRestartsBit)) {
    command
        .add_option("--restarts", attack_options.restarts,
                    "Random starts; the first that succeeds counts")
        ->check(CLI::Range(1, 1000000));
  }
  if (heeds(kRandomStartBit)) {
    command.add_flag("!--no-random-start", attack_options.random_start, "Start at the image");
  }
  if (heeds(kTargetBit)) {
    command.add_option("--target", options->target, "Make the model read this class instead")
        ->check(CLI::Range(0, 9));
  }
  if (heeds(kConfidenceBit)) {
    command
        .add_option("--confidence", options->confidence,
                    "Count only what is read wrong with this probability or more")
        ->check(number_within(0, 1));
  }
  command.add_option("--out", options->out,
                     "Write the adversaries, float32 [N, 28, 28, 1], to this .npy");
  command.add_option("--sheet", options->sheet, "Draw some of them to this PNG");
  add_common_options(command, common);
  command.callback([&method, options, &common] { attack(method, *options, common); });
}

std::string norms_text(const AttackMethod& method) {
  std::string text;
  for (const Norm norm : method.norms) {
    text += text.empty() ? "" : ", ";
    text += norm == Norm::kLinf ? "linf" : "l2";
  }
  return text;
}

const char* knowledge_text(Knowledge knowledge) {
  switch (knowledge) {
    case Knowledge::kGradients:
      return "gradients";
    case Knowledge::kProbabilities:
      return "probabilities";
    case Knowledge::kLabels:
      return "labels";
  }
  return "";
}

void list_methods() {
  std::vector<std::vector<std::string>> rows{{"attack", "norm", "sees", "paper", "what it does"}};
  for (const AttackMethod& m : attack_methods()) {
    rows.push_back({m.name, norms_text(m), knowledge_text(m.knowledge), m.paper, m.title});
  }
  print_table(std::cout, rows);
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
