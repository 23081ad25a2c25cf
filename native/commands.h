// The sub-commands, one file each. Every `add_` function describes its options to CLI11 and what to
// do when the sub-command is chosen.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "native/cli.h"

namespace inoculate {

/// Exit codes: part of the command's interface.
enum ExitCode : int {
  kSuccess = 0,
  kFailure = 1,        ///< a file, its content or the machine: see the line on stderr
  kUsage = 2,          ///< the arguments: see the line on stderr
  kInterrupted = 130,  ///< stopped by Ctrl-C, and all that can be resumed is saved
};

/// Keys of a --json object stand in the order in which they are written.
using Json = nlohmann::ordered_json;

/// Options of every sub-command.
struct CommonOptions {
  bool json = false;
  std::uint64_t seed = 1;
  int threads = 0;
};

/// Work was stopped by Ctrl-C; what() is what to tell.
class Interrupted : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Arguments do not fit the data they are used on; what() names the option.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// For Option::transform: reads a number from `low` to `high`, a fraction such as 8/255 too.
CLI::Validator number_within(double low, double high);

void add_common_options(CLI::App& command, CommonOptions& common);
void add_data_option(CLI::App& command, std::string& data);

/// All of the sub-commands.
void add_commands(CLI::App& app, CommonOptions& common);

void add_train(CLI::App& app, CommonOptions& common);
void add_completion(CLI::App& app, CommonOptions& common);
void add_evaluate(CLI::App& app, CommonOptions& common);
void add_certify(CLI::App& app, CommonOptions& common);
void add_predict(CLI::App& app, CommonOptions& common);
void add_attack(CLI::App& app, CommonOptions& common);
void add_fit(CLI::App& app, CommonOptions& common);
void add_transfer(CLI::App& app, CommonOptions& common);
void add_fine_tune(CLI::App& app, CommonOptions& common);
void add_adversarial_train(CLI::App& app, CommonOptions& common);
void add_train_vat(CLI::App& app, CommonOptions& common);
void add_robustness(CLI::App& app, CommonOptions& common);
void add_sweep(CLI::App& app, CommonOptions& common);
void add_merge(CLI::App& app, CommonOptions& common);
void add_train_generator(CLI::App& app, CommonOptions& common);
void add_convert(CLI::App& app, CommonOptions& common);
void add_reproduce(CLI::App& app, CommonOptions& common);
void add_describe(CLI::App& app, CommonOptions& common);
void add_noise(CLI::App& app, CommonOptions& common);
void add_landscape(CLI::App& app, CommonOptions& common);
void add_bench(CLI::App& app, CommonOptions& common);

}  // namespace inoculate
