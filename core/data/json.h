// JSON from outside, parsed within bounds.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

namespace inoculate {

/// How much of it is taken.
struct JsonLimits {
  int deepest = 64;                     ///< objects and lists within each other
  std::size_t most_values = 1'000'000;  ///< values and names of objects together
};

/// The one JSON value that all of `text` is. Throws Error when it is none, nested more deeply or
/// holds more values than allowed, or names something in an object twice. what() then goes on from
/// a subject that the caller gives: "is not JSON from byte 12 on".
nlohmann::json parse_json(std::string_view text, const JsonLimits& limits = {});

}  // namespace inoculate
