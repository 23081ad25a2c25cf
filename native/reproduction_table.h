// What the second part says and leaves behind.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <span>
#include <string>

#include "native/commands.h"
#include "native/reproduction_defences.h"

namespace inoculate {

/// Mixed batches beside the tutorial's figures, and the table that neither part shows. `folder` is
/// where the files are.
void print_second_part(std::ostream& out, const SecondPart& part, std::uint64_t seed,
                       const std::string& folder);

/// The same figures as one object.
Json to_json(const SecondPart& part);

/// The names of the files that write_second_part leaves.
std::span<const char* const> second_part_files();

/// Weights, the training log of the mixed batches, and the table as defences.csv.
void write_second_part(const SecondPart& part, const std::string& command,
                       const std::filesystem::path& folder);

}  // namespace inoculate
