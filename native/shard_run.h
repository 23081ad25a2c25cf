// Judging a part of a run's images, so that what was done is kept.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "native/part_file.h"

namespace inoculate {

/// "3/8". Throws UsageError for anything else, or a part that is not there.
Shard parse_shard(const std::string& text);

/// What a run on a part of the images needs.
struct ShardRun {
  const RobustnessRun& run;
  const LabelledImages& images;  ///< all of the run
  std::vector<const Classifier*> models;
  std::vector<const BoundGraph*> graphs;  ///< where the run certifies; else none
  std::vector<std::string> names;         ///< of the models
  Shard shard;
  std::filesystem::path out;
};

/// Throws UsageError where an image of a part would not have the adversary that it has among all,
/// or where there are fewer images than parts.
void require_parts(const RobustnessRun& run, const Shard& shard);

/// Judges the part and writes it to `out`, after every few images what is known so far: a run that
/// finds its own unfinished part there goes on with it. Progress is told on stderr. Returns false
/// where the part was finished already. Throws Error where there is something else at `out` or a
/// part of another run, and Interrupted on Ctrl-C.
bool judge_part(const ShardRun& run);

}  // namespace inoculate
