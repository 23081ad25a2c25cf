// Members of objects in JSON from outside, each within its bounds. What is not as it should be
// throws Error, whose what() goes on from a subject that the caller gives: "has no epsilon".
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/quote.h"
#include "data/json_number.h"

namespace inoculate {

inline const nlohmann::json& member(const nlohmann::json& object, const char* key) {
  if (!object.is_object() || !object.contains(key)) {
    throw Error("has no " + std::string(key) + " where one should be");
  }
  return object[key];
}

[[noreturn]] inline void refuse_member(const char* key, const std::string& what) {
  throw Error("has a " + std::string(key) + " that is " + what);
}

inline std::string text_member(const nlohmann::json& object, const char* key) {
  const nlohmann::json& value = member(object, key);
  if (!value.is_string()) refuse_member(key, "no text");
  return value.get<std::string>();
}

inline bool flag_member(const nlohmann::json& object, const char* key) {
  const nlohmann::json& value = member(object, key);
  if (!value.is_boolean()) refuse_member(key, "neither true nor false");
  return value.get<bool>();
}

inline int integer_member(const nlohmann::json& object, const char* key, int low, int high) {
  const auto value = json_integer(member(object, key), low, high);
  if (!value) {
    refuse_member(key, "no integer from " + std::to_string(low) + " to " + std::to_string(high));
  }
  return static_cast<int>(*value);
}

inline double real_member(const nlohmann::json& object, const char* key, double low, double high) {
  const auto value = json_real(member(object, key), low, high);
  if (!value) refuse_member(key, "no number within its bounds");
  return *value;
}

/// A list; of `size` entries, unless that is -1.
inline const nlohmann::json& list_member(const nlohmann::json& object, const char* key,
                                         std::ptrdiff_t size = -1) {
  const nlohmann::json& value = member(object, key);
  if (!value.is_array()) refuse_member(key, "no list");
  if (size >= 0 && value.size() != static_cast<std::size_t>(size)) {
    refuse_member(key,
                  "of " + std::to_string(value.size()) + " entries, not " + std::to_string(size));
  }
  return value;
}

}  // namespace inoculate
