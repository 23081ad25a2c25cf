// What somebody is told who is refused.
#pragma once

#include <string>

#include "base/error.h"

namespace inoculate {

/// The message of the Error that `action` throws, or "accepted".
template <typename Action>
std::string refusal_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace inoculate
