#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <optional>
#include <string>

#include "base/numbers.h"
#include "base/parallel.h"
#include "base/quote.h"
#include "native/commands.h"

namespace inoculate {
namespace {

std::string short_text(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g", value);
  return text.data();
}

}  // namespace

CLI::Validator number_within(double low, double high) {
  const auto read = [low, high](std::string& text) -> std::string {
    const std::optional<double> value = parse_number(text);
    if (!value) return quote(text) + " is not a number; write one such as 0.1 or 8/255";
    if (*value < low || *value > high) {
      return quote(text) + " is not within " + short_text(low) + " to " + short_text(high);
    }
    std::array<char, 32> digits{};
    std::snprintf(digits.data(), digits.size(), "%.17g", *value);
    text = digits.data();
    return "";
  };
  return CLI::Validator(read, "from " + short_text(low) + " to " + short_text(high), "NUMBER");
}

void add_common_options(CLI::App& command, CommonOptions& common) {
  command.add_flag("--json", common.json, "Print one JSON object instead of text");
  // Without the check CLI11 takes -1 for 2^64 - 1.
  const auto refuse_sign = [](const std::string& text) {
    return text.find('-') == std::string::npos ? "" : "Value " + text + " is negative";
  };
  command.add_option("--seed", common.seed, "Seed of everything random")
      ->check(refuse_sign)
      ->capture_default_str();
  command.add_option("--threads", common.threads, "Threads to use; 0: one per processor")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  command.parse_complete_callback([&common] { set_thread_count(common.threads); });
}

void add_data_option(CLI::App& command, std::string& data) {
  command.add_option("--data", data, "Folder of the IDX files, raw or .gz");
}

}  // namespace inoculate
