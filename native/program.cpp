#include "native/program.h"

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "base/quote.h"
#include "native/commands.h"
#include "native/licences.h"
#include "native/shell.h"
#include "native/version.h"

namespace inoculate {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 success; 1 a file or its content cannot be used; 2 wrong arguments; "
    "130 interrupted.\n"
    "Data is looked for in --data DIR, then $INOCULATE_DATA, then data/mnist.";

// One line, whatever control characters a path or a name out of a file brought in.
int fail(int code, const std::string& message) {
  std::cerr << "inoculate: " << printable(message) << '\n';
  return code;
}

// A word that is neither option nor sub-command of `command`, which is called `path`. CLI11 says
// only that a sub-command is missing, or takes what follows an unknown option for a picture and
// complains of that.
std::optional<std::string> unknown_word(const CLI::App& command, const std::string& path) {
  for (const std::string& word : command.remaining()) {
    if (word.starts_with('-')) return "'" + word + "' is not an option of " + path;
    if (command.get_require_subcommand_min() > 0) return "'" + word + "' is not a sub-command";
  }
  return std::nullopt;
}

// CLI11 tells help and version as exceptions too.
int tell(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  const CLI::App* command = &app;
  std::string path = app.get_name();
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().front();
    path += ' ' + command->get_name();
  }
  return fail(kUsage,
              unknown_word(*command, path).value_or(error.what()) + " (see " + path + " --help)");
}

}  // namespace

void add_commands(Command app, CommonOptions& common) {
  for (const auto add : {add_train,
                         add_fit,
                         add_evaluate,
                         add_certify,
                         add_predict,
                         add_attack,
                         add_transfer,
                         add_fine_tune,
                         add_adversarial_train,
                         add_train_vat,
                         add_train_generator,
                         add_robustness,
                         add_merge,
                         add_sweep,
                         add_noise,
                         add_landscape,
                         add_convert,
                         add_describe,
                         add_reproduce,
                         add_bench,
                         add_completion}) {
    add(app, common);
  }
}

int run_program(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  if (argc > 0) set_called_as(argv[0]);
  // A file over `ulimit -f` is then a failed write, which can be told and tidied up.
  std::signal(SIGXFSZ, SIG_IGN);
  CLI::App app("Train a small CNN on MNIST, attack it, defend it, and see what the defence bought.",
               "inoculate");
  app.require_subcommand(1);
  app.footer(kFooter);
  app.set_version_flag("--version", version_text());
  Command(app).add_action(
      "--licences,--licenses",
      [] {
        std::cout.write(reinterpret_cast<const char*>(kLicences.text),
                        static_cast<std::streamsize>(kLicences.size));
      },
      "Print the licence of this program and those of what it stands on");
  CommonOptions common;
  add_commands(app, common);
  try {
    app.parse(argc, argv);
    std::cout.flush();
    if (!std::cout) return fail(kFailure, "standard output cannot be written");
    return kSuccess;
  } catch (const CLI::ParseError& error) {
    return tell(app, error);
  } catch (const UsageError& error) {
    return fail(kUsage, error.what());
  } catch (const Interrupted& interrupted) {
    return fail(kInterrupted, interrupted.what());
  } catch (const Error& error) {
    return fail(kFailure, error.what());
  } catch (const std::bad_alloc&) {
    return fail(kFailure, "out of memory; use a smaller --count or --batch-size");
  } catch (const std::exception& error) {
    return fail(kFailure, error.what());
  }
}

}  // namespace inoculate
