#include "native/output.h"

#include <iostream>

#include "base/quote.h"

namespace inoculate {
namespace {

/// What the one command that this process runs has told so far, by its key in the JSON.
Json& told() {
  static Json told = Json::object();
  return told;
}

void tell(const std::string& kind, const std::string& text) {
  std::cerr << "inoculate: " << kind << ": " << printable(text) << '\n';
  told()[kind + "s"].push_back(text);
}

}  // namespace

void tell_note(const std::string& note) { tell("note", note); }

void tell_warning(const std::string& warning) { tell("warning", warning); }

void print_object(Json json) {
  json.update(told());
  std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace inoculate
