// The one exception of the engine: something from outside (a file, an argument) cannot be used.
#pragma once

#include <stdexcept>
#include <string>

namespace inoculate {

/// Bad input. `what()` is one line that says what is wrong, where, and what to do about it; a front
/// end shows it to the user as it stands. Mistakes of the programmer are asserts, not Errors.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
};

}  // namespace inoculate
