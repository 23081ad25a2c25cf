// What a shell needs to complete the words of this command.
#pragma once

#include <span>
#include <string>

#include "native/command_line.h"

namespace inoculate {

/// A shell that can be told to complete the words of a command.
struct CompletedShell {
  const char* name;
  /// The script to be sourced by it, from the description of the whole command.
  std::string (*script)(const CLI::App& program);
};

/// All of them.
std::span<const CompletedShell> completed_shells();

}  // namespace inoculate
