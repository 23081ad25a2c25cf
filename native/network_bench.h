// How fast a network that is read from a file answers.
#pragma once

#include <string>

#include "native/commands.h"

namespace inoculate {

/// What `inoculate bench --model` is told.
struct NetworkBenchOptions {
  std::string model;
  int batch = 1;
  int repetitions = 20;
};

/// Prints milliseconds an image of the logits alone, and of the logits with a gradient of the
/// image, for random images: the median and the shortest of all repetitions, and the least
/// that it cost the processors, which neighbours disturb less; and how much memory the process took
/// at most. Throws Error.
void bench_network(const NetworkBenchOptions& options, const CommonOptions& common);

}  // namespace inoculate
