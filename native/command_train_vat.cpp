// inoculate train-vat: a network from few labels, by virtual adversarial training.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "evaluate/accuracy.h"
#include "model/network_classifier.h"
#include "model/network_graph.h"
#include "native/commands.h"
#include "native/file_options.h"
#include "native/interrupt.h"
#include "native/mnist.h"
#include "native/model.h"
#include "native/output.h"
#include "native/progress.h"
#include "native/results.h"
#include "native/shell.h"
#include "native/text.h"
#include "train/semi_supervised.h"

namespace inoculate {
namespace {

constexpr int kClasses = 10;  // mlp_1200 reads digits

struct Options {
  std::string data, out;
  int labels = 100, validation = 1000;
  bool without = false;
  VatOptions vat;
  SemiSupervisedOptions training;
};

std::string command_of(const Options& o, std::uint64_t seed) {
  CommandLine line("inoculate", "train-vat");
  line.option("--labels", std::to_string(o.labels))
      .option("--validation", std::to_string(o.validation))
      .option("--updates", std::to_string(o.training.updates))
      .option("--labelled-batch", std::to_string(o.training.labelled_batch))
      .option("--unlabelled-batch", std::to_string(o.training.unlabelled_batch))
      .option("--learning-rate", exact(o.training.learning_rate))
      .option("--decay-every", std::to_string(o.training.decay_every))
      .option("--seed", std::to_string(seed))
      .flag("--without-vat", o.without);
  if (!o.without) {
    line.option("--epsilon", exact(o.vat.epsilon))
        .option("--power-iterations", std::to_string(o.vat.iterations))
        .flag("--minimise-entropy", o.vat.minimise_entropy);
  }
  return line.text();
}

// The network, trained; labels are those of the training set's images that the split names.
Network trained_network(const Options& options, const Dataset& images, const LabelSplit& split,
                        std::uint64_t seed) {
  Network network(mlp_1200());
  Rng rng(seed);
  network.initialize(rng);
  GraphNetwork graph = graph_network_of(network);
  SemiSupervisedOptions training = options.training;
  training.seed = seed;
  training.vat = options.without ? std::nullopt : std::optional(options.vat);
  Progress progress(std::cerr, stderr_style());
  progress.begin(options.without ? "labelled images alone" : "virtual adversarial training");
  const bool whole =
      train_semi_supervised(graph, images, split, training, [&](const SemiSupervisedStep& step) {
        progress.step(step.updates, training.updates);
        return !InterruptGuard::interrupted();
      });
  if (!whole) throw Interrupted("interrupted; no weights were written");
  progress.done();
  set_weights(network, graph);
  return network;
}

std::string error_text(const Evaluation& e) {
  return share_text(e.n - e.correct, e.n) + ", n = " + std::to_string(e.n);
}

void train_vat(const Options& options, const CommonOptions& common) {
  if (options.labels % kClasses != 0) {
    throw UsageError("--labels " + std::to_string(options.labels) +
                     " cannot be shared out evenly to " + std::to_string(kClasses) +
                     " classes; give a multiple of that");
  }
  const auto folder = find_data(options.data);
  check_files({{"--out", options.out}}, data_inputs(folder, {Split::kTrain, Split::kTest}));
  const Dataset images = load_split(folder, Split::kTrain), test = load_split(folder, Split::kTest);
  const LabelSplit split =
      split_labels(images.labels, kClasses, options.labels, options.validation, common.seed);
  const InterruptGuard guard;
  const Network network = trained_network(options, images, split, common.seed);
  const NetworkClassifier model(network);
  Matrix held_out;
  Labels held_out_labels;
  gather(images, split.validation, held_out, held_out_labels);
  const Evaluation validation = evaluate(model, examples_of(held_out, held_out_labels));
  const Evaluation result = evaluate(model, examples_of(test));
  save_model(network,
             {{"trained_by", command_of(options, common.seed)},
              {"test_accuracy", test_accuracy_text(result)}},
             options.out);
  if (common.json) {
    Json json = to_json(result);
    json["validation"] = to_json(validation);
    json["labels"] = options.labels;
    json["updates"] = options.training.updates;
    json["out"] = options.out;
    print_object(json);
  } else {
    std::cout << "validation error  " << error_text(validation) << "\ntest error        "
              << error_text(result) << "\nweights           " << options.out << '\n';
  }
}

}  // namespace

void add_train_vat(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "train-vat",
      "Train from few labels and many images without, by virtual adversarial training");
  SemiSupervisedOptions& training = options->training;
  const auto add = [&](const char* name, auto& value, const char* text) {
    return command.add_option(name, value, text).show_default();
  };
  add_data_option(command, options->data);
  command.add_option("--out", options->out, "Where to write the weights (.safetensors)").required();
  add("--labels", options->labels, "Labelled images, as many of each class")
      .within(10, kMostImages);
  add("--validation", options->validation, "Images that are held out of training")
      .within(1, kMostImages);
  add("--updates", training.updates, "Steps of Adam").within(1, 100000000);
  add("--labelled-batch", training.labelled_batch, "Labelled images of a step").within(2, 65536);
  add("--unlabelled-batch", training.unlabelled_batch, "Images without labels of a step")
      .within(2, 65536);
  add("--learning-rate", training.learning_rate, "Adam's step size at first")
      .number_within(1e-9, 1e3);
  add("--decay-every", training.decay_every,
      "The step size is multiplied by 0.9 after each so many updates")
      .within(1, 100000000);
  Option without =
      command.add_flag("--without-vat", options->without, "Learn from the labelled images alone");
  add("--epsilon", options->vat.epsilon, "L2 size of the perturbation, in pixels of 0..1")
      .number_within(1e-6, 1000)
      .excludes(without);
  add("--power-iterations", options->vat.iterations, "Steps towards the worst direction")
      .within(1, 100)
      .excludes(without);
  command
      .add_flag("--minimise-entropy", options->vat.minimise_entropy,
                "Make the answers to images without labels sure, too")
      .excludes(without);
  add_common_options(command, common);
  command.callback([options, &common] { train_vat(*options, common); });
}

}  // namespace inoculate
