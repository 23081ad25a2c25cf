#include "native/output.h"

#include <iostream>
#include <utility>
#include <vector>

#include "base/quote.h"

namespace inoculate {
namespace {

/// Of the one command that this process runs.
std::vector<std::string>& told_notes() {
  static std::vector<std::string> notes;
  return notes;
}

}  // namespace

void tell_note(const std::string& note) {
  std::cerr << "inoculate: note: " << printable(note) << '\n';
  told_notes().push_back(note);
}

void print_object(Json json) {
  if (!told_notes().empty()) json["notes"] = told_notes();
  std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace inoculate
