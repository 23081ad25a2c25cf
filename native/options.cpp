#include <cmath>
#include <cstdlib>
#include <string>

#include "base/parallel.h"
#include "native/commands.h"

namespace inoculate {

CLI::Validator number_within(double low, double high) {
  const CLI::Range range(low, high);
  const auto check = [range](std::string& text) {
    const bool is_nan = std::isnan(std::strtod(text.c_str(), nullptr));
    return is_nan ? "Value " + text + " is not a number" : range(text);
  };
  return CLI::Validator(check, range.get_description(), "NUMBER");
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
  command.add_option("--threads", common.threads, "Threads to use; 0: one a processor")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  command.parse_complete_callback([&common] { set_thread_count(common.threads); });
}

void add_data_option(CLI::App& command, std::string& data) {
  command.add_option("--data", data, "Folder of the IDX files, raw or .gz");
}

}  // namespace inoculate
