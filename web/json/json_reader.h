// JSON from outside, taken apart with care.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "web/json/json.h"

namespace inoculate::page {

/// A JSON object read key by key; what is wrong with it is an Error that begins with `what`.
class JsonReader {
 public:
  JsonReader(const Json& json, const char* what);

  /// Sets `value` from `key`, if the object has it: a number within low..high, a bool, a string.
  void number(const char* key, float& value, double low, double high);
  void integer(const char* key, int& value, int low, int high);
  void integer(const char* key, std::uint64_t& value);
  void boolean(const char* key, bool& value);
  void string(const char* key, std::string& value);
  void numbers(const char* key, std::vector<float>& values, double low, double high,
               std::size_t most);
  /// The value of `key`, or null when there is none.
  const Json* find(const char* key);
  /// Throws when the object has a key that nobody asked for.
  void finish() const;
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  double checked(const char* key, const Json& value, double low, double high) const;

  const Json& json_;
  const char* what_;
  std::vector<std::string> asked_;
};

}  // namespace inoculate::page
