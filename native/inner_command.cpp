#include "native/inner_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace inoculate {
namespace {

// CLI11 takes them from the end.
std::vector<std::string> reversed(const std::vector<std::string>& arguments) {
  return {arguments.rbegin(), arguments.rend()};
}

}  // namespace

CommandChecker::CommandChecker() : app_(std::make_unique<CLI::App>()) {
  app_->require_subcommand(1);
  add_commands(*app_, common_);
  // A command's callback owns what its options are read into, and must stay; before it runs this
  // ends the parsing.
  app_->parse_complete_callback([] { throw CLI::Success(); });
  for (CLI::App* command : app_->get_subcommands([](const CLI::App*) { return true; })) {
    command->parse_complete_callback([] {});  // would set the number of threads
  }
}

CommandChecker::~CommandChecker() = default;

std::optional<std::string> CommandChecker::mistake(const std::vector<std::string>& arguments) {
  try {
    app_->parse(reversed(arguments));
    return std::nullopt;
  } catch (const CLI::Success&) {
    return std::nullopt;
  } catch (const CLI::ParseError& error) {
    const CLI::App& command = *app_->get_subcommand(arguments.at(0));
    for (const std::string& word : command.remaining()) {
      if (word.starts_with('-')) return "'" + word + "' is not an option of " + arguments[0];
    }
    return error.what();
  }
}

std::vector<std::string> CommandChecker::resumed(const std::vector<std::string>& arguments,
                                                 const std::string& checkpoint) {
  const CLI::App& command = *app_->get_subcommand(arguments.at(0));
  const CLI::Option* resume = command.get_option("--resume");
  std::vector<std::string> left{arguments[0], "--resume", checkpoint};
  bool keeps = true;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i].starts_with("--")) {
      const auto excluded = resume->get_excludes();
      keeps = !excluded.contains(const_cast<CLI::Option*>(command.get_option(arguments[i])));
    }
    if (keeps) left.push_back(arguments[i]);
  }
  return left;
}

void run_arguments(const std::vector<std::string>& arguments) {
  CommonOptions common;
  CLI::App app;
  app.require_subcommand(1);
  add_commands(app, common);
  try {
    app.parse(reversed(arguments));
  } catch (const CLI::ParseError& error) {
    throw UsageError(arguments.at(0) + ": " + error.what());
  }
}

}  // namespace inoculate
