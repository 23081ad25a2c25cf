// inoculate attack fgsm: adversaries of a data set's images, and what they do to a model.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <memory>

#include "attack/fgsm.h"
#include "base/error.h"
#include "data/npy.h"
#include "evaluate/accuracy.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/mnist.h"
#include "native/model.h"
#include "native/png.h"
#include "native/results.h"
#include "native/text.h"
#include "nn/inference.h"

namespace inoculate {
namespace {

struct Options {
  std::string model;
  std::string data;
  std::string split = "test";
  int start = 0;
  int count = 1000;
  float epsilon = 0.1F;
  std::string norm = "linf";
  std::string loss = "crossentropy";
  bool no_clip = false;
  int target = -1;
  std::string out;
  std::string sheet;
};

FgsmOptions attack_options(const Options& options) {
  FgsmOptions attack;
  attack.threat.norm = options.norm == "linf" ? Norm::kLinf : Norm::kL2;
  attack.threat.epsilon = options.epsilon;
  if (options.no_clip) attack.threat.range.reset();
  attack.loss = options.loss == "mse" ? Loss::kMeanSquaredError : Loss::kCrossEntropy;
  if (options.target >= 0) attack.criterion.target = static_cast<std::uint8_t>(options.target);
  return attack;
}

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
  Evaluation clean;
  Evaluation adversarial;
  int hits = 0;  // adversaries read as the target, where there is one
  Distances distances;
  double seconds = 0;
};

int count_label(const Network& network, const Matrix& images, int label) {
  const Labels read = most_likely(predict_logits(network, images));
  return static_cast<int>(std::count(read.begin(), read.end(), label));
}

void print_text(const Outcome& o, const FgsmOptions& attack) {
  const Distances& d = o.distances;
  std::cout << describe(attack) << "\nclean accuracy        " << accuracy_text(o.clean)
            << "\nadversarial accuracy  " << accuracy_text(o.adversarial);
  if (attack.criterion.target) {
    std::cout << "\nread as the target    "
              << percent(static_cast<double>(o.hits) / o.adversarial.n);
  }
  std::cout << "\nperturbation          L-inf mean " << fixed(d.mean_linf, 4) << ", largest "
            << fixed(d.largest_linf, 4) << "; L2 mean " << fixed(d.mean_l2, 4) << ", largest "
            << fixed(d.largest_l2, 4) << "\ntime                  " << fixed(o.seconds, 3) << " s, "
            << fixed(o.adversarial.n / o.seconds, 0) << " images/s\n";
}

void print_json(const Outcome& o, const FgsmOptions& attack) {
  const Distances& d = o.distances;
  Json json{{"attack", "fgsm"},
            {"settings", describe(attack)},
            {"n", o.clean.n},
            {"clean_accuracy", o.clean.accuracy()},
            {"adversarial_accuracy", o.adversarial.accuracy()},
            {"clean", to_json(o.clean)},
            {"adversarial", to_json(o.adversarial)}};
  if (attack.criterion.target) {
    json["target"] = *attack.criterion.target;
    json["target_rate"] = static_cast<double>(o.hits) / o.adversarial.n;
  }
  json["perturbation"] = {{"linf_mean", d.mean_linf},
                          {"linf_largest", d.largest_linf},
                          {"l2_mean", d.mean_l2},
                          {"l2_largest", d.largest_l2}};
  json["seconds"] = o.seconds;
  std::cout << json.dump() << '\n';
}

void save_sheet(const std::string& path, const Network& network, const Matrix& images,
                const Matrix& adversaries, const Labels& labels, const Outcome& outcome,
                const FgsmOptions& attack) {
  const Sheet sheet{"Fast gradient sign method",
                    describe(attack) + "; accuracy " + percent(outcome.clean.accuracy()) + " to " +
                        percent(outcome.adversarial.accuracy()) + " on " +
                        std::to_string(outcome.clean.n) + " images",
                    sheet_entries(network, images, adversaries, labels)};
  write_file_atomically(path, write_png(draw_sheet(sheet)));
}

void attack(const Options& options, bool json) {
  for (const std::string& path : {options.out, options.sheet}) {
    if (!path.empty()) require_writable(path);
  }
  const Network network = load_model(options.model);
  const Dataset all =
      load_split(find_data(options.data), options.split == "test" ? Split::kTest : Split::kTrain);
  const Dataset some = select(all, options.start, options.count);
  const auto [images, labels] = all_images(some);

  const FgsmOptions fgsm_options = attack_options(options);
  Outcome outcome;
  const auto begin = std::chrono::steady_clock::now();
  const Matrix adversaries = fgsm(network, images, labels, fgsm_options);
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  outcome.clean = evaluate(network, examples_of(images, labels));
  outcome.adversarial = evaluate(network, examples_of(adversaries, labels));
  outcome.distances = measure(images, adversaries);
  if (options.target >= 0) outcome.hits = count_label(network, adversaries, options.target);

  if (!options.out.empty()) {
    write_file_atomically(
        options.out, write_npy({adversaries.data(), static_cast<std::size_t>(adversaries.size())},
                               {adversaries.rows(), some.shape.h, some.shape.w, some.shape.c}));
  }
  if (!options.sheet.empty()) {
    save_sheet(options.sheet, network, images, adversaries, labels, outcome, fgsm_options);
  }
  json ? print_json(outcome, fgsm_options) : print_text(outcome, fgsm_options);
}

}  // namespace

void add_attack(CLI::App& app, CommonOptions& common) {
  CLI::App& attacks = *app.add_subcommand("attack", "Attack a model's reading of images");
  attacks.require_subcommand(1);
  auto options = std::make_shared<Options>();
  CLI::App& command = *attacks.add_subcommand(
      "fgsm",
      "The fast gradient sign method (Goodfellow et al. 2015): one step along the gradient");
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
  command.add_option("--epsilon", options->epsilon, "Size of the perturbation, in pixels of 0..1")
      ->check(number_within(0, 1000))
      ->capture_default_str();
  command.add_option("--norm", options->norm, "Norm of the perturbation: linf or l2")
      ->check(CLI::IsMember({"linf", "l2"}))
      ->capture_default_str();
  command
      .add_option("--loss", options->loss, "Loss to climb: crossentropy or mse (the tutorial's)")
      ->check(CLI::IsMember({"crossentropy", "mse"}))
      ->capture_default_str();
  command.add_flag("--no-clip", options->no_clip,
                   "Let pixels leave 0..1, as the tutorial does; such adversaries are no images");
  command.add_option("--target", options->target, "Make the model read this class instead")
      ->check(CLI::Range(0, 9));
  command.add_option("--out", options->out,
                     "Write the adversaries, float32 [N, 28, 28, 1], to this .npy");
  command.add_option("--sheet", options->sheet, "Draw some of them to this PNG");
  add_common_options(command, common);
  command.callback([options, &common] { attack(*options, common.json); });
}

}  // namespace inoculate
