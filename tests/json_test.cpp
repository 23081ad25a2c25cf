// JSON from outside.
#include "data/json.h"

#include "base/error.h"
#include "catch.h"

using namespace inoculate;

namespace {

std::string nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') +
         std::string(static_cast<std::size_t>(levels), ']');
}

void check_refused(const std::string& text, const std::string& words, JsonLimits limits = {}) {
  INFO(text.substr(0, 100));
  try {
    parse_json(text, limits);
    FAIL_CHECK("was taken");
  } catch (const Error& error) {
    INFO(error.what());
    CHECK(std::string(error.what()).find(words) != std::string::npos);
    CHECK(std::string(error.what()).size() < 200);
  }
}

}  // namespace

TEST_CASE("JSON is taken up to 64 levels deep", "[json]") {
  CHECK(parse_json("{\"a\": [1, 2.5, null]}").at("a").size() == 3);
  CHECK(parse_json(nested(64)).is_array());
  check_refused(nested(65), "deeper than 64");
  check_refused(std::string(10'000'000, '['), "deeper than 64");
  std::string objects;
  for (int i = 0; i < 65; ++i) objects += "{\"a\":";
  check_refused(objects, "deeper than 64");
}

TEST_CASE("What is no JSON, or means two things, is refused", "[json]") {
  check_refused("", "is not JSON");
  check_refused("{\"a\": }", "is not JSON from byte 7");
  check_refused("[1] [2]", "is not JSON");
  check_refused(std::string("1\0", 2), "from byte 2");
  check_refused("{\"a\": 1, \"a\": 2}", "names 'a' twice");
  check_refused("{\"" + std::string(70'000, 'x') + "\":1,\"" + std::string(70'000, 'x') + "\":1}",
                "70000 bytes");
  check_refused("[1e999]", "too large");
  check_refused("[1, 2, 3, 4, 5]", "more than 4 values", {64, 4});
  check_refused("{\"a\": 1, \"b\": [{}]}", "more than 5 values", {64, 5});
  CHECK(parse_json("{\"a\": 1, \"b\": [{}]}", {64, 6}).size() == 2);
}

TEST_CASE("Many objects in a list are read in time that grows as their number does", "[json]") {
  std::string text = "[{}";  // looking through the list after each of them would take an hour
  for (int i = 1; i < 900'000; ++i) text += ",{}";
  CHECK(parse_json(text + "]").size() == 900'000);
}
