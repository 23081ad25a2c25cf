// What every fuzz target is made of. A target hands bytes to a reader, which may take them or
// refuse them in one line; whatever else happens is a fault. Fuzzers run targets for as long as
// they are let (`./run fuzz`), and fuzz_targets_test.cpp runs them on what once failed.
#pragma once

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/error.h"
#include "data/bytes.h"

namespace inoculate::fuzz {

/// Enters a target: `run` is called with bytes of any kind. Each NAME_fuzz.cpp has one.
struct Target {
  Target(const char* name, void (*run)(ByteView bytes));
};

/// All targets of this program, by name.
std::map<std::string, void (*)(ByteView bytes)>& targets();

/// Throws what no target catches: a fuzzer stops there and keeps the bytes, a test fails.
inline void demand(bool holds, const std::string& what) {
  if (!holds) throw std::logic_error(what);
}

/// Demands that a refusal is one line that begins with `subject`.
void demand_refusal(std::string_view message, std::string_view subject);

/// How often bytes have been refused: seeds that no reader takes find little.
inline int refusals = 0;

/// Whether `read` takes its bytes. If it throws Error, the message is held against `subject`.
template <typename Read>
bool accepts(std::string_view subject, const Read& read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    ++refusals;
    demand_refusal(error.what(), subject);
    return false;
  }
}

/// Bytes as text, for readers that take text.
inline std::string_view text_of(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace inoculate::fuzz
