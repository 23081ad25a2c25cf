// Sub-commands that another sub-command asks for, in the words that a user would.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "native/commands.h"

namespace inoculate {

/// Says what is wrong with arguments, without doing what they ask for.
class CommandChecker {
 public:
  CommandChecker();
  ~CommandChecker();
  CommandChecker(const CommandChecker&) = delete;
  CommandChecker& operator=(const CommandChecker&) = delete;

  /// What the program would say of `arguments`, from the sub-command on; nothing where it would
  /// take them. Files are not looked at.
  std::optional<std::string> mistake(const std::vector<std::string>& arguments);

  /// The arguments of a training run without those that cannot stand beside --resume, since the
  /// checkpoint knows them: what goes on with that run.
  std::vector<std::string> resumed(const std::vector<std::string>& arguments,
                                   const std::string& checkpoint);

 private:
  CommonOptions common_;
  std::unique_ptr<CLI::App> app_;
};

/// Runs the sub-command. Throws whatever it throws; UsageError for arguments that it does not take.
void run_arguments(const std::vector<std::string>& arguments);

}  // namespace inoculate
