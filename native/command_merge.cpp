// inoculate merge: the parts of a judgement as the one judgement that they are, and the cells of a
// sweep as a table.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/merged_run.h"
#include "native/output.h"
#include "native/robustness_outputs.h"
#include "native/sweep_run.h"
#include "native/sweep_table.h"

namespace inoculate {
namespace {

struct Options {
  std::vector<std::string> parts;
  RobustnessOutputs outputs;
  std::string sweep;
  std::string csv;
  std::string picture;
  std::string over;
};

void merge_parts(const Options& options, const CommonOptions& common) {
  std::vector<FileOption> inputs;
  for (const std::string& path : options.parts) inputs.push_back({"merge", path});
  const MergedRun merged = merged_run(options.parts, options.outputs.want_curve());
  prepare(options.outputs, inputs);
  tell_robustness(merged.run, merged.labels, options.outputs, common.json);
}

void merge_sweep(const Options& options, const CommonOptions& common) {
  const Sweep sweep = read_sweep(options.sweep);
  if (!options.picture.empty()) require_axis(sweep, options.over);
  check_files({{"--csv", options.csv}, {"--picture", options.picture}},
              {{"--sweep", options.sweep}});
  const std::vector<JudgedCell> cells = judged_cells(sweep);
  if (!options.csv.empty()) {
    const std::string csv = sweep_csv(sweep, cells);
    write_file_atomically(options.csv, Bytes(csv.begin(), csv.end()));
  }
  if (!options.picture.empty()) {
    write_file_atomically(options.picture, sweep_picture(sweep, cells, options.over));
  }
  if (common.json) {
    print_object(sweep_json(sweep, cells));
  } else {
    print_sweep(std::cout, sweep, cells);
  }
}

}  // namespace

void add_merge(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "merge", "Join the parts that robustness --shard judged, or the cells of a sweep");
  Option parts = command.add_option("parts", options->parts, "The parts' files, in any order");
  add_robustness_outputs(command, options->outputs);
  Option sweep = command.add_option("--sweep", options->sweep,
                                    "Instead of parts: a sweep's file, whose cells are finished");
  sweep.excludes(parts);
  for (const char* name : {"--curve", "--report", "--per-image"}) {
    sweep.excludes(command.get_option(name));
  }
  command.add_option("--csv", options->csv, "Write the sweep's table to this CSV file")
      .needs(sweep);
  Option picture =
      command.add_option("--picture", options->picture,
                         "Draw the sweep's accuracies over an axis to this PNG, means over seeds");
  picture.needs(sweep);
  command
      .add_option("--over", options->over,
                  "That axis; if not given the last one that has several numbers, but for seed")
      .needs(picture);
  add_common_options(command, common);
  command.callback([options, &common] {
    if (!options->sweep.empty()) {
      merge_sweep(*options, common);
    } else if (!options->parts.empty()) {
      merge_parts(*options, common);
    } else {
      throw UsageError("merge needs the files of parts, or --sweep and a sweep's file");
    }
  });
}

}  // namespace inoculate
