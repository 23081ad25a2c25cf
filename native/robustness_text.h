// A judgement as text, and its curves as files.
#pragma once

#include <iosfwd>
#include <string>

#include "native/robustness_run.h"

namespace inoculate {

/// "L-inf, epsilon 0.1, quick attacks, 1000 test images, seed 1".
std::string settings_text(const RobustnessRun& run);

/// Accuracies, costs and alarms.
void print_robustness(std::ostream& out, const RobustnessRun& run);

/// Writes the curves to `path` with .csv and .png.
void write_curves(const RobustnessRun& run, const std::string& path);

}  // namespace inoculate
