// Numbers from JSON of strangers. nlohmann's get<int>() takes 2.5 for 2 and true for 1, and 1e300
// or a number too large for the type is undefined behaviour.
#pragma once

#include <cstdint>
#include <optional>

namespace inoculate {

/// The integer that `json` (any nlohmann::basic_json) holds; nothing if it holds no number written
/// as an integer, or one outside low..high.
template <class Json>
std::optional<std::int64_t> json_integer(const Json& json, std::int64_t low, std::int64_t high) {
  if (!json.is_number_integer()) return std::nullopt;  // of either sign
  if (json.is_number_unsigned() &&
      json.template get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
    return std::nullopt;
  }
  const auto value = json.template get<std::int64_t>();
  return value >= low && value <= high ? std::optional(value) : std::nullopt;
}

/// The same for integers of 64 bits without a sign.
template <class Json>
std::optional<std::uint64_t> json_unsigned(const Json& json) {
  if (!json.is_number_unsigned()) {
    // A library that stores 5 as signed still means 5.
    if (!json.is_number_integer() || json.template get<std::int64_t>() < 0) return std::nullopt;
  }
  return json.template get<std::uint64_t>();
}

/// The number that `json` holds, written in any way; nothing if it is none or outside low..high.
template <class Json>
std::optional<double> json_real(const Json& json, double low, double high) {
  if (!json.is_number()) return std::nullopt;
  const auto value = json.template get<double>();
  return value >= low && value <= high ? std::optional(value) : std::nullopt;
}

}  // namespace inoculate
