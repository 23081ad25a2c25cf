// A part of a judgement as a file: what is known of it so far.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "native/findings.h"
#include "native/run_json.h"

namespace inoculate {

/// The `number`-th of `of` parts, counted from 1.
struct Shard {
  int number = 1;
  int of = 1;
};

/// The images of a part out of `n`: as many in each as there can be, give or take one.
ImageRange images_of(const Shard& shard, int n);

/// What is known of a part.
struct Part {
  RunJson run;
  std::string build;  ///< build_text() of who made it
  Shard shard;
  Labels labels;  ///< of its images
  /// Of each model in turn; of the last perhaps not all images yet.
  std::vector<Findings> models;
  /// Of each model whose images are all judged; of the first part alone, which looks for all.
  std::vector<Signs> signs;
};

/// Whether nothing is left to do. `models` is how many the run has.
bool is_finished(const Part& part, std::size_t models);

/// Replaces the file at `path`, all or nothing. Throws Error.
void write_part(const std::filesystem::path& path, const Part& part, const RobustnessRun& run);

/// The part whose file's text this is. Throws Error, which begins with `name`, for whatever is no
/// part.
Part parse_part(std::string_view text, const std::string& name);
/// Reads the file at `path`. Throws as parse_part() does.
Part read_part(const std::filesystem::path& path);

}  // namespace inoculate
