#include "base/parallel.h"
#include "native/commands.h"

namespace inoculate {

void add_common_options(CLI::App& command, CommonOptions& common) {
  command.add_flag("--json", common.json, "Print one JSON object instead of text");
  command.add_option("--seed", common.seed, "Seed of everything random")->capture_default_str();
  command.add_option("--threads", common.threads, "Threads to use; 0: one a processor")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  command.parse_complete_callback([&common] { set_thread_count(common.threads); });
}

void add_data_option(CLI::App& command, std::string& data) {
  command.add_option("--data", data, "Folder of the IDX files, raw or .gz");
}

}  // namespace inoculate
