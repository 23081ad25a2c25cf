#include "web/json/json_reader.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/error.h"
#include "base/numbers.h"
#include "base/quote.h"
#include "data/json_number.h"
#include "web/texts/digits.h"

namespace inoculate::page {

JsonReader::JsonReader(const Json& json, const char* what) : json_(json), what_(what) {
  if (!json.is_object()) fail(texts::scripts::not_object);
}

void JsonReader::fail(const std::string& problem) const {
  throw Error(texts::scripts::about(what_, problem));
}

const Json* JsonReader::find(const char* key) {
  asked_.emplace_back(key);
  const auto found = json_.find(key);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

double JsonReader::checked(const char* key, const Json& value, double low, double high) const {
  if (!value.is_number()) fail(texts::scripts::not_number(key));
  const double number = value.get<double>();
  if (!(number >= low && number <= high)) {
    // Who gives a size as 8 means 8 of 255.
    const bool is_size = std::string_view(key).starts_with("epsilon");
    const auto mistake = is_size && number > 1 ? linf_mistake(number) : std::nullopt;
    const std::string problem = texts::scripts::out_of_range(key, low, high);
    fail(mistake ? texts::scripts::about(problem, *mistake) : problem);
  }
  return number;
}

void JsonReader::number(const char* key, float& value, double low, double high) {
  const Json* found = find(key);
  if (found == nullptr) return;
  // Text of a link or a script: "0.1" or "8/255".
  const auto read =
      found->is_string() ? parse_number(found->get_ref<const std::string&>()) : std::nullopt;
  value = static_cast<float>(checked(key, read ? Json(*read) : *found, low, high));
}

void JsonReader::integer(const char* key, int& value, int low, int high) {
  const Json* found = find(key);
  if (found == nullptr) return;
  const auto number = json_integer(*found, low, high);
  if (!number) fail(texts::scripts::not_whole(key, low, high));
  value = static_cast<int>(*number);
}

void JsonReader::integer(const char* key, std::uint64_t& value) {
  const Json* found = find(key);
  if (found == nullptr) return;
  constexpr std::int64_t kMost = 9007199254740991;  // JavaScript's largest whole number
  const auto number = json_integer(*found, 0, kMost);
  if (!number) fail(texts::scripts::not_whole(key, 0, kMost));
  value = static_cast<std::uint64_t>(*number);
}

void JsonReader::boolean(const char* key, bool& value) {
  const Json* found = find(key);
  if (found == nullptr) return;
  if (!found->is_boolean()) fail(texts::scripts::not_boolean(key));
  value = found->get<bool>();
}

void JsonReader::string(const char* key, std::string& value) {
  const Json* found = find(key);
  if (found == nullptr) return;
  if (!found->is_string()) fail(texts::scripts::not_string(key));
  value = found->get<std::string>();
}

void JsonReader::numbers(const char* key, std::vector<float>& values, double low, double high,
                         std::size_t most) {
  const Json* found = find(key);
  if (found == nullptr) return;
  if (!found->is_array() || found->empty() || found->size() > most) {
    fail(texts::scripts::not_list(key, static_cast<long long>(most)));
  }
  values.clear();
  for (const Json& value : *found) {
    values.push_back(static_cast<float>(checked(key, value, low, high)));
  }
}

void JsonReader::finish() const {
  for (const auto& [key, value] : json_.items()) {
    if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) {
      fail(texts::scripts::unknown_key(quote(key)));
    }
  }
}

}  // namespace inoculate::page
