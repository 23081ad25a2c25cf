// What a judgement is written to, whether it was made at once or merged from parts.
#pragma once

#include <string>
#include <vector>

#include "native/command_line.h"
#include "native/file_options.h"
#include "native/robustness_run.h"

namespace inoculate {

struct RobustnessOutputs {
  std::string curve;      ///< --curve
  std::string report;     ///< --report
  std::string per_image;  ///< --per-image

  /// Whether the run has to find the curve over epsilon.
  bool want_curve() const { return !curve.empty() || !report.empty(); }
};

/// Adds --curve, --report and --per-image.
void add_robustness_outputs(Command command, RobustnessOutputs& outputs);

/// Makes the folder of the report. Throws as check_files() where one cannot be written, or is one
/// of `inputs`.
void prepare(const RobustnessOutputs& outputs, const std::vector<FileOption>& inputs);

/// Writes what is asked for of a run on images with `labels`, and prints it to stdout, as JSON or
/// as text.
void tell_robustness(const RobustnessRun& run, const Labels& labels,
                     const RobustnessOutputs& outputs, bool json);

}  // namespace inoculate
