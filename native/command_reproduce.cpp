// inoculate reproduce: the tutorial end to end by its own protocol, beside its figures, and then
// what it leaves out.
#include <iostream>
#include <memory>
#include <optional>

#include "model/network_classifier.h"
#include "native/chapter10/command.h"
#include "native/commands.h"
#include "native/data_warnings.h"
#include "native/file_options.h"
#include "native/files.h"
#include "native/mnist.h"
#include "native/output.h"
#include "native/reproduction.h"
#include "native/reproduction_defences.h"
#include "native/reproduction_report.h"
#include "native/reproduction_table.h"
#include "native/shell.h"
#include "native/training.h"

namespace inoculate {
namespace {

struct Options {
  std::string data;
  std::string out = "reproduction";
  int epochs = 20;
  int defence_epochs = 2, certified_epochs = 10;
  bool first_part = false;
};

// What makes the weights again.
std::string command_line(const Options& options, std::uint64_t seed) {
  CommandLine line("inoculate", "reproduce");
  line.option("--epochs", std::to_string(options.epochs)).flag("--first-part", options.first_part);
  if (!options.first_part) {
    line.option("--defence-epochs", std::to_string(options.defence_epochs))
        .option("--certified-epochs", std::to_string(options.certified_epochs));
  }
  return line.option("--seed", std::to_string(seed)).text();
}

std::vector<FileOption> outputs_in(const std::filesystem::path& folder, bool both_parts) {
  std::vector<FileOption> files;
  for (const char* name : first_part_files()) files.push_back({"--out", folder / name});
  if (!both_parts) return files;
  for (const char* name : second_part_files()) files.push_back({"--out", folder / name});
  return files;
}

void reproduce(const Options& options, const CommonOptions& common) {
  const auto folder = make_folder(options.out, "--out");
  const auto data = find_data(options.data);
  check_files(outputs_in(folder, !options.first_part),
              data_inputs(data, {Split::kTrain, Split::kTest}));
  Progress progress(std::cerr, stderr_style());
  const Dataset train = load_split(data, Split::kTrain), test = load_split(data, Split::kTest);
  warn_of_training_data(train);
  const Reproduction first = run_reproduction(train, test, options.epochs, common.seed, progress);
  warn_of_test_data(NetworkClassifier(first.network), first.history.back().accuracy,
                    examples_of(test), first.before.clean.correct);
  std::optional<SecondPart> second;
  if (!options.first_part) {
    second = run_second_part(first, train, test, options.defence_epochs, options.certified_epochs,
                             progress);
  }
  const std::string command = command_line(options, common.seed);
  write_files(first, command, folder);
  if (second) write_second_part(*second, command, folder);
  if (common.json) {
    Json json = to_json(first);
    if (second) json["second_part"] = to_json(*second);
    print_object(json);
    return;
  }
  print_report(std::cout, first, folder.string());
  if (second) print_second_part(std::cout, *second, first.seed, folder.string());
}

// The tutorial's options; it runs unless a sub-command of `command` does.
void set_up_tutorial(Command command, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  add_data_option(command, options->data);
  command.add_option("--out", options->out, "Folder for weights, curves and pictures")
      .show_default();
  command
      .add_option("--epochs", options->epochs, "Epochs of the first training; the tutorial has 20")
      .within(1, 1000)
      .show_default();
  Option first_part =
      command.add_flag("--first-part", options->first_part,
                       "Leave out the second part, mixed batches, and the table of defences");
  command
      .add_option("--defence-epochs", options->defence_epochs,
                  "Epochs of PGD training and of TRADES, each as long as some five plain ones")
      .within(1, 1000)
      .excludes(first_part)
      .show_default();
  command
      .add_option("--certified-epochs", options->certified_epochs,
                  "Epochs of training by interval bounds, each as long as some four plain ones")
      .within(1, 1000)
      .excludes(first_part)
      .show_default();
  add_common_options(command, common);
  command.callback([command, options, &common] {
    if (!command.chose_subcommand()) reproduce(*options, common);
  });
}

}  // namespace

void add_reproduce(Command app, CommonOptions& common) {
  Command command = app.add_subcommand(
      "reproduce", "Make published figures again, beside the originals; the tutorial by default");
  set_up_tutorial(command, common);
  set_up_tutorial(command.add_subcommand("tutorial",
                                         "The tutorial's two parts by their own protocol, beside "
                                         "their figures, and what they leave out"),
                  common);
  add_chapter10(command, common);
  command.require_subcommand(0, 1);
}

}  // namespace inoculate
