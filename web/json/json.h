// The JSON of messages, scripts and links.
#pragma once

#include <exception>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace inoculate::page {

using Json = nlohmann::json;

/// Parses text from outside. Throws Error, beginning with `what`, when it is no JSON or more than
/// data/json.h allows by default.
Json json_of(std::string_view text, const char* what);

/// The text of `json` in one line; strings that are no UTF-8 are mended instead of refused.
std::string json_text(const Json& json);

/// What to tell of an error: its own words; of one of the JSON library's, whose words help nobody,
/// that something is missing or has another form.
std::string in_words(const std::exception& error);

}  // namespace inoculate::page
