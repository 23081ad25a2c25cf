#include <string>

#include "base/parallel.h"
#include "native/commands.h"

namespace inoculate {

void add_common_options(Command command, CommonOptions& common) {
  command.add_flag("--json", common.json, "Print one JSON object instead of text");
  // Without the check CLI11 takes -1 for 2^64 - 1.
  const auto refuse_sign = [](const std::string& text) {
    return text.find('-') == std::string::npos ? "" : "Value " + text + " is negative";
  };
  command.add_option("--seed", common.seed, "Seed of everything random")
      .check(refuse_sign)
      .show_default();
  command.add_option("--threads", common.threads, "Threads to use; 0: one per processor")
      .within(0, 256)
      .show_default();
  command.parse_complete_callback([&common] { set_thread_count(common.threads); });
}

void add_data_option(Command command, std::string& data) {
  command.add_option("--data", data, "Folder of the IDX files, raw or .gz");
}

}  // namespace inoculate
