#include "web/json/json.h"

#include "base/error.h"
#include "data/json.h"
#include "web/texts/digits.h"

namespace inoculate::page {

Json json_of(std::string_view text, const char* what) {
  try {
    return parse_json(text);
  } catch (const Error& error) {
    throw Error(texts::scripts::about(what, texts::scripts::not_json(error.what())));
  }
}

std::string json_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string in_words(const std::exception& error) {
  if (dynamic_cast<const Json::exception*>(&error) == nullptr) return error.what();
  return texts::messages::damaged;
}

}  // namespace inoculate::page
