// What a reproduction says, shows and leaves behind.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <span>

#include "native/commands.h"
#include "native/reproduction.h"

namespace inoculate {

/// The figures beside the tutorial's, and in plain words what they mean. `folder` is where the
/// files are.
void print_report(std::ostream& out, const Reproduction& result, const std::string& folder);

/// The same figures as one object.
Json to_json(const Reproduction& result);

/// The names of the files that write_files leaves.
std::span<const char* const> first_part_files();

/// Weights, curves as CSV and picture, and a sheet of adversaries. `command` is what makes the
/// weights again.
void write_files(const Reproduction& result, const std::string& command,
                 const std::filesystem::path& folder);

}  // namespace inoculate
