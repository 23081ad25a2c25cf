// What came of a sweep: a row for each cell.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "native/commands.h"
#include "native/robustness_run.h"
#include "native/sweep_file.h"

namespace inoculate {

/// A finished cell: the run of its judgement, with its model or models.
struct JudgedCell {
  SweepCell cell;
  RobustnessRun run;
};

/// The judgements of all cells. Throws Error, which says how many are missing and by which command
/// the first is made, unless all are finished.
std::vector<JudgedCell> judged_cells(const Sweep& sweep);

/// A row for each model of each cell: the axes, n, and accuracies with their 95 % intervals.
void print_sweep(std::ostream& out, const Sweep& sweep, const std::vector<JudgedCell>& cells);

/// The same with all figures, as CSV and as JSON.
std::string sweep_csv(const Sweep& sweep, const std::vector<JudgedCell>& cells);
Json sweep_json(const Sweep& sweep, const std::vector<JudgedCell>& cells);

/// The command that makes a cell, to paste into a shell.
std::string cell_command(const Sweep& sweep, const SweepCell& cell);

/// Clean and worst-case accuracy over an axis, as a PNG: means over an axis called "seed", a line
/// for each combination of the others. `over` names the axis; empty: the last one of several
/// numbers. Throws UsageError where there is no such axis, or where there are too many lines.
std::vector<std::uint8_t> sweep_picture(const Sweep& sweep, const std::vector<JudgedCell>& cells,
                                        const std::string& over);

/// Throws the UsageError that sweep_picture() would. For the start.
void require_axis(const Sweep& sweep, const std::string& over);

}  // namespace inoculate
