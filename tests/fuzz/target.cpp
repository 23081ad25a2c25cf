#include "fuzz/target.h"

namespace inoculate::fuzz {

std::map<std::string, void (*)(ByteView bytes)>& targets() {
  static std::map<std::string, void (*)(ByteView bytes)> all;
  return all;
}

Target::Target(const char* name, void (*run)(ByteView bytes)) { targets().emplace(name, run); }

void demand_refusal(std::string_view message, std::string_view subject) {
  bool printable = !message.empty();
  for (const char c : message) printable = printable && (c < 0 || c >= ' ') && c != 0x7F;
  demand(printable, "a refusal of several lines, or with control characters");
  demand(message.starts_with(subject),
         "a refusal that does not say of what: " + std::string(message));
  demand(!message.starts_with("[json.exception."),
         "a refusal in a library's words: " + std::string(message));
}

}  // namespace inoculate::fuzz
