// A judgement as a page of its own.
#pragma once

#include <string>

#include "native/robustness_run.h"

namespace inoculate {

/// The command line that makes the page of a run in `folder` again, quoted for a shell.
std::string report_command(const RobustnessRun& run, const std::string& folder);

/// One HTML page without script or anything from elsewhere: what each model withstands, its curve
/// over epsilon, alarms, costs, sheets of adversaries, and how to make it again. The run must have
/// curves. Names and paths are escaped.
std::string robustness_page(const RobustnessRun& run, const std::string& folder);

}  // namespace inoculate
