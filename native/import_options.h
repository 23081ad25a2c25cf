// What convert --from takes besides: weights of other frameworks, checked by logits that they gave.
#pragma once

#include <optional>
#include <string>

#include "native/command_line.h"
#include "native/commands.h"
#include "native/logits_check.h"

namespace inoculate {

struct ImportCommand {
  std::string from;  ///< "torch" or "keras"; empty: the file is one of ours
  std::string architecture;
  std::string flatten;
  std::optional<double> norm_epsilon;
  LogitsCheck check;
};

void add_import_options(Command command, ImportCommand& options);

/// Reads the file `model`, checks its logits where some are given, and writes the network to `out`,
/// as halves or floats. Tells what its user has to know on stderr and as "notes". Throws Error,
/// with nothing written, when it cannot be converted or gives other logits.
void import_model(const ImportCommand& options, const std::string& model, bool as_halves,
                  const std::string& out, const CommonOptions& common);

}  // namespace inoculate
