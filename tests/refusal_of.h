// What somebody is told who is refused.
#pragma once

#include <string>

#include "base/error.h"
#include "catch.h"

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

/// Whether `action` is accepted; if it is not, it must be told in one line about `subject`.
template <typename Action>
bool accepts(const std::string& subject, const Action& action) {
  const std::string told = refusal_of(action);
  if (told == "accepted") return true;
  CHECK(told.starts_with(subject + ": "));
  CHECK(told.find('\n') == std::string::npos);
  return false;
}

}  // namespace inoculate
