// The sub-commands, one file each. Every `add_` function describes its options to CLI11 and what to
// do when the sub-command is chosen.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "native/command_line.h"

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

void add_common_options(Command command, CommonOptions& common);
void add_data_option(Command command, std::string& data);

/// All of the sub-commands.
void add_commands(Command app, CommonOptions& common);

void add_train(Command app, CommonOptions& common);
void add_completion(Command app, CommonOptions& common);
void add_evaluate(Command app, CommonOptions& common);
void add_certify(Command app, CommonOptions& common);
void add_predict(Command app, CommonOptions& common);
void add_attack(Command app, CommonOptions& common);
void add_fit(Command app, CommonOptions& common);
void add_transfer(Command app, CommonOptions& common);
void add_fine_tune(Command app, CommonOptions& common);
void add_adversarial_train(Command app, CommonOptions& common);
void add_train_vat(Command app, CommonOptions& common);
void add_robustness(Command app, CommonOptions& common);
void add_sweep(Command app, CommonOptions& common);
void add_merge(Command app, CommonOptions& common);
void add_train_generator(Command app, CommonOptions& common);
void add_convert(Command app, CommonOptions& common);
void add_reproduce(Command app, CommonOptions& common);
void add_describe(Command app, CommonOptions& common);
void add_noise(Command app, CommonOptions& common);
void add_landscape(Command app, CommonOptions& common);
void add_bench(Command app, CommonOptions& common);

}  // namespace inoculate
