// inoculate reproduce: the tutorial end to end by its own protocol, beside its figures, and then
// what it leaves out.
#include <iostream>
#include <memory>

#include "native/commands.h"
#include "native/files.h"
#include "native/mnist.h"
#include "native/reproduction.h"
#include "native/reproduction_report.h"
#include "native/training.h"

namespace inoculate {
namespace {

struct Options {
  std::string data;
  std::string out = "reproduction";
  int epochs = 20;
};

void reproduce(const Options& options, const CommonOptions& common) {
  const auto folder = make_folder(options.out, "--out");
  require_writable(folder / "curves.csv");
  const auto data = find_data(options.data);
  Progress progress(std::cerr, stderr_style());
  const Reproduction result =
      run_reproduction(load_split(data, Split::kTrain), load_split(data, Split::kTest),
                       options.epochs, common.seed, progress);
  write_files(result, folder);
  if (common.json) {
    std::cout << to_json(result).dump() << '\n';
  } else {
    print_report(std::cout, result, folder.string());
  }
}

}  // namespace

void add_reproduce(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *app.add_subcommand(
      "reproduce", "The tutorial by its own protocol, beside its figures, and what it leaves out");
  add_data_option(command, options->data);
  command.add_option("--out", options->out, "Folder for weights, curves and pictures")
      ->capture_default_str();
  command
      .add_option("--epochs", options->epochs, "Epochs of the first training; the tutorial has 20")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  add_common_options(command, common);
  command.callback([options, &common] { reproduce(*options, common); });
}

}  // namespace inoculate
