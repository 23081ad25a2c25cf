// What cannot be tested everywhere.
#pragma once

#include <string>

namespace inoculate {

/// Says on stdout that the rest of a test case, or a section, cannot run on this machine, and why.
/// Where nothing fails the program then ends with a code of its own, by which ctest shows the file
/// as skipped. Use: if (...) return skip("there is no terminal");
void skip(const std::string& why);

}  // namespace inoculate
