#include "native/output.h"

#include <algorithm>
#include <iostream>

#include "base/quote.h"

namespace inoculate {
namespace {

/// What the one command that this process runs has told so far, by its key in the JSON.
Json& told() {
  static Json told = Json::object();
  return told;
}

// Once: a model that is read twice has the same notes.
void tell(const std::string& kind, const std::string& text) {
  Json& all = told()[kind + "s"];
  if (std::find(all.begin(), all.end(), text) != all.end()) return;
  std::cerr << "inoculate: " << kind << ": " << printable(text) << '\n';
  all.push_back(text);
}

}  // namespace

void tell_note(const std::string& note) { tell("note", note); }

void tell_warning(const std::string& warning) { tell("warning", warning); }

void print_object(Json json) {
  json.update(told());
  std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace inoculate
