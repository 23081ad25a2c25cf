// A sweep, and one cell of it, done as far as it is not done yet.
#pragma once

#include "native/sweep_file.h"

namespace inoculate {

/// Reads the file at `path`. Throws Error as parse_sweep() does, and for options that a sub-command
/// does not have or would not take in one of the cells.
Sweep read_sweep(const std::filesystem::path& path);

/// What became of a step.
struct StepDone {
  std::string command;
  bool was_done = false;  ///< before, so that it was skipped
};

/// Trains the cell's network, if the sweep does, and judges it. What was finished before is
/// skipped, and what was interrupted goes on. Throws Error where the cell's folder holds the work
/// of other options, and whatever the sub-commands throw.
std::vector<StepDone> run_cell(const Sweep& sweep, const SweepCell& cell);

}  // namespace inoculate
