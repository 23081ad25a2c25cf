// inoculate sweep: a grid of networks and judgements, cell by cell, for any scheduler.
#include <iostream>
#include <memory>
#include <sstream>

#include "native/commands.h"
#include "native/output.h"
#include "native/sweep_file.h"
#include "native/sweep_run.h"
#include "native/sweep_table.h"

namespace inoculate {
namespace {

struct Options {
  std::string file;
  bool list = false;
  std::string cell;
};

// Keeps what the steps print from stdout while it lives.
class Silence {
 public:
  explicit Silence(bool silent) : before_(silent ? std::cout.rdbuf(said_.rdbuf()) : nullptr) {}
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (before_ != nullptr) std::cout.rdbuf(before_);
  }

 private:
  std::ostringstream said_;
  std::streambuf* before_;
};

void list(const Sweep& sweep, bool json) {
  const std::vector<SweepCell> cells = cells_of(sweep);
  if (!json) {
    for (const SweepCell& cell : cells) std::cout << cell_command(sweep, cell) << '\n';
    return;
  }
  Json all = Json::array();
  for (const SweepCell& cell : cells) {
    all.push_back({{"cell", cell.name}, {"command", cell_command(sweep, cell)}});
  }
  print_object({{"cells", all}});
}

void run(const Sweep& sweep, const std::string& name, bool json) {
  const SweepCell cell = find_cell(sweep, name);
  std::vector<StepDone> steps;
  {
    const Silence silence(json);
    steps = run_cell(sweep, cell);
  }
  Json done = Json::array();
  for (const StepDone& step : steps) {
    done.push_back({{"step", step.command}, {"was_done", step.was_done}});
    if (json || !step.was_done) continue;
    std::cout << network_of(sweep, cell).string() << ": was trained before\n";
  }
  if (json) {
    print_object({{"cell", name}, {"steps", done}, {"out", judgement_of(sweep, cell).string()}});
  }
}

}  // namespace

void add_sweep(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "sweep", "Train and judge over a grid of options: a command a cell, for any scheduler");
  command.footer(
      "A cell's command skips what is finished and goes on with what was interrupted:\n"
      "inoculate sweep grid.json --list | parallel --jobs 2\n"
      "inoculate merge --sweep grid.json --csv table.csv --picture sweep.png");
  command.add_option("file", options->file, "The sweep (.json), as docs/clusters.md describes it")
      .required();
  Option list_option =
      command.add_flag("--list", options->list, "Print the command of each cell, one a line");
  command.add_option("--run", options->cell, "Train and judge this cell").excludes(list_option);
  add_common_options(command, common);
  command.callback([options, &common] {
    if (options->cell.empty() && !options->list) {
      throw UsageError("sweep needs --list, or --run and the name of a cell");
    }
    const Sweep sweep = read_sweep(options->file);
    if (options->list) {
      list(sweep, common.json);
    } else {
      run(sweep, options->cell, common.json);
    }
  });
}

}  // namespace inoculate
