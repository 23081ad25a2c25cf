#include "data/json.h"

#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/quote.h"

namespace inoculate {

nlohmann::json parse_json(std::string_view text, const JsonLimits& limits) {
  using Json = nlohmann::json;
  // The library takes a NUL byte for the end.
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) {
    throw Error("is not JSON from byte " + std::to_string(nul + 1) + " on");
  }
  // It also keeps the last of several equal names, and nests as deeply as it is told to.
  std::vector<std::set<std::string>> names;
  std::size_t values = 0;
  const auto check = [&](int depth, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    if (event == Event::object_start || event == Event::array_start) {
      if (depth >= limits.deepest) {
        throw Error("is nested deeper than " + std::to_string(limits.deepest) + " levels");
      }
      if (event == Event::object_start) names.emplace_back();
    } else if (event == Event::object_end) {
      names.pop_back();
    } else if (event == Event::key) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!names.back().insert(name).second) throw Error("names " + quote(name) + " twice");
    }
    if (++values > limits.most_values) {
      throw Error("holds more than " + std::to_string(limits.most_values) + " values");
    }
    return true;
  };
  try {
    return Json::parse(text.begin(), text.end(), check);
  } catch (const Json::parse_error& error) {
    throw Error("is not JSON from byte " + std::to_string(error.byte) + " on");
  } catch (const Json::out_of_range&) {
    throw Error("holds a number that is too large");
  }
}

}  // namespace inoculate
