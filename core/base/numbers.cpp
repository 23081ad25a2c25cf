#include "base/numbers.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace inoculate {
namespace {

std::string_view without_blanks(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::optional<double> parse_decimal(std::string_view part) {
  // strtod alone would take "inf", "nan" and "0x10". Emscripten's library lacks from_chars here.
  const std::string text(without_blanks(part));
  if (text.empty() || text.find_first_not_of("0123456789+-.eE") != std::string::npos) {
    return std::nullopt;
  }
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string short_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g", value);
  return text.data();
}

}  // namespace

std::optional<double> parse_number(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<double> number = parse_decimal(text.substr(0, slash));
  if (!number || slash == std::string_view::npos) return number;
  const std::optional<double> denominator = parse_decimal(text.substr(slash + 1));
  if (!denominator || *denominator == 0) return std::nullopt;
  const double value = *number / *denominator;
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> entries;
  while (true) {
    const std::size_t comma = text.find(',');
    entries.emplace_back(without_blanks(text.substr(0, comma)));
    if (comma == std::string_view::npos) return entries;
    text.remove_prefix(comma + 1);
  }
}

std::optional<std::string> linf_mistake(double epsilon) {
  if (epsilon >= 0 && epsilon <= 1) return std::nullopt;
  const std::string given = short_number(epsilon);
  const std::string wrong =
      given + " is " + (epsilon < 0 ? "below 0" : "more than 1, the whole range of a pixel");
  if (!(epsilon > 1 && epsilon <= 255)) return wrong + "; give a size from 0 to 1";
  return wrong + "; " + given + " of 255 is " + short_number(epsilon / 255) + " (write " + given +
         "/255)";
}

}  // namespace inoculate
