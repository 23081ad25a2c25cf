#include "native/sweep_run.h"

#include <system_error>

#include "base/error.h"
#include "base/quote.h"
#include "data/json.h"
#include "native/files.h"
#include "native/inner_command.h"
#include "native/version.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;
using Plain = nlohmann::json;

constexpr std::size_t kLargestRecord = std::size_t{1} << 20;

bool is_there(const fs::path& path) {
  std::error_code failure;
  return fs::exists(path, failure);
}

// The folder's record of what it is made with: what is there of other options is never mistaken for
// finished work.
void claim_folder(const Sweep& sweep, const SweepCell& cell) {
  const fs::path folder = make_folder((sweep.folder / cell.name).string(), "\"folder\"");
  const fs::path path = folder / "cell.json";
  Plain record{{"inoculate", "cell of a sweep"}, {"version", version_number()}};
  for (const SweepStep& step : sweep.steps) {
    record["steps"].push_back({step.command, options_of(sweep, cell, step)});
  }
  const std::string text = record.dump(2, ' ', false, Plain::error_handler_t::replace) + "\n";
  const Bytes wanted(text.begin(), text.end());
  if (!is_there(path)) {
    write_file_atomically(path, wanted);
    return;
  }
  if (read_file(path, kLargestRecord) != wanted) {
    throw Error(path.string() +
                ": says that this cell was made with other options or another version; remove its "
                "folder, or give the sweep another \"folder\"");
  }
}

void train(const Sweep& sweep, const SweepCell& cell, const SweepStep& step) {
  std::vector<std::string> arguments = arguments_of(sweep, cell, step);
  const fs::path checkpoint = network_of(sweep, cell).string() + ".checkpoint";
  if (is_there(checkpoint)) {
    arguments = CommandChecker().resumed(arguments, checkpoint.string());
  }
  run_arguments(arguments);
  std::error_code ignored;
  fs::remove(checkpoint, ignored);
}

}  // namespace

Sweep read_sweep(const fs::path& path) {
  const Bytes bytes = read_file(path, kLargestSweep);
  Sweep sweep = parse_sweep({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
  CommandChecker checker;
  for (const SweepCell& cell : cells_of(sweep)) {
    for (const SweepStep& step : sweep.steps) {
      if (const auto mistake = checker.mistake(arguments_of(sweep, cell, step))) {
        throw Error(path.string() + ": is wrong in " + step.command + " of the cell " +
                    quote(cell.name) + ": " + *mistake);
      }
    }
  }
  return sweep;
}

std::vector<StepDone> run_cell(const Sweep& sweep, const SweepCell& cell) {
  claim_folder(sweep, cell);
  std::vector<StepDone> steps;
  for (const SweepStep& step : sweep.steps) {
    if (step.command == "robustness") {  // knows itself whether its part is finished
      run_arguments(arguments_of(sweep, cell, step));
      steps.push_back({step.command, false});
      continue;
    }
    steps.push_back({step.command, is_there(network_of(sweep, cell))});
    if (!steps.back().was_done) train(sweep, cell, step);
  }
  return steps;
}

}  // namespace inoculate
