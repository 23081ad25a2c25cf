// A generator in front of a model, as every sub-command that takes a model offers it; and
// generators as files.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "model/purified.h"
#include "native/command_line.h"
#include "native/file_options.h"
#include "native/shell.h"

namespace inoculate {

/// The generator of a file. Throws Error.
Generator load_generator(const std::filesystem::path& path);

struct PurifyChoice {
  std::string generator;  ///< --purify; empty: none
  PurifyOptions search;
};

/// Adds --purify, --purify-steps and --purify-restarts.
void add_purify_options(Command command, PurifyChoice& choice);

/// The model behind the generator, if one was chosen. Throws Error where they do not fit.
std::unique_ptr<Classifier> purified(std::unique_ptr<Classifier> model, const PurifyChoice& choice);

/// The file that --purify reads.
FileOption purify_input(const PurifyChoice& choice);

/// Adds what was chosen to a command that makes the same again.
void add_purify_options(CommandLine& line, const PurifyChoice& choice);

}  // namespace inoculate
