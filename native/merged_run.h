// A judgement made of its parts.
#pragma once

#include <string>
#include <vector>

#include "native/part_file.h"

namespace inoculate {

/// A judgement, and the labels of its images.
struct MergedRun {
  RobustnessRun run;
  Labels labels;
};

/// Reads the parts of one run and puts together what it tells, as if it had judged all images at
/// once. The curve over epsilon is found where `want_curve` says so. Throws Error as read_part(),
/// where a part is missing, unfinished, there twice or of another run, and where a curve is wanted
/// of parts that have none.
MergedRun merged_run(const std::vector<std::string>& paths, bool want_curve);

}  // namespace inoculate
