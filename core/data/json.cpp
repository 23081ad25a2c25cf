#include "data/json.h"

#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/quote.h"

namespace inoculate {
namespace {

using Json = nlohmann::json;

// What the parser tells of a text on the way, without keeping it. The library would keep the last
// of several equal names, and nests as deeply as it is told to.
class Limiter {
 public:
  explicit Limiter(const JsonLimits& limits) : limits_(limits) {}

  bool null() { return count(); }
  bool boolean(bool) { return count(); }
  bool number_integer(Json::number_integer_t) { return count(); }
  bool number_unsigned(Json::number_unsigned_t) { return count(); }
  bool number_float(Json::number_float_t, const std::string&) { return count(); }
  bool string(std::string&) { return count(); }
  bool binary(Json::binary_t&) { return count(); }
  bool start_array(std::size_t) { return enter(); }
  bool end_array() { return leave(); }
  bool start_object(std::size_t) {
    names_.emplace_back();
    return enter();
  }
  bool key(const std::string& name) {
    if (!names_.back().insert(name).second) throw Error("names " + quote(name) + " twice");
    return count();
  }
  bool end_object() {
    names_.pop_back();
    return leave();
  }
  /// Who reads the text afterwards says where.
  bool parse_error(std::size_t, const std::string&, const Json::exception&) { return false; }

 private:
  bool enter() {
    if (depth_ >= limits_.deepest) {
      throw Error("is nested deeper than " + std::to_string(limits_.deepest) + " levels");
    }
    ++depth_;
    return count();
  }
  bool leave() {
    --depth_;
    return true;
  }
  bool count() {
    if (++values_ > limits_.most_values) {
      throw Error("holds more than " + std::to_string(limits_.most_values) + " values");
    }
    return true;
  }

  const JsonLimits& limits_;
  int depth_ = 0;
  std::size_t values_ = 0;
  std::vector<std::set<std::string>> names_;  // of the objects that are open
};

}  // namespace

nlohmann::json parse_json(std::string_view text, const JsonLimits& limits) {
  // The library takes a NUL byte for the end.
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) {
    throw Error("is not JSON from byte " + std::to_string(nul + 1) + " on");
  }
  // Not by a callback while it is kept: the library then looks through all of a list after each
  // object in it.
  Limiter limiter(limits);
  Json::sax_parse(text.begin(), text.end(), &limiter);
  try {
    return Json::parse(text.begin(), text.end());
  } catch (const Json::parse_error& error) {
    throw Error("is not JSON from byte " + std::to_string(error.byte) + " on");
  } catch (const Json::out_of_range&) {
    throw Error("holds a number that is too large");
  }
}

}  // namespace inoculate
