// The command `inoculate`.
#include <CLI/CLI.hpp>
#include <iostream>
#include <new>
#include <string>

#include "base/error.h"
#include "base/parallel.h"
#include "native/commands.h"
#include "native/version.h"

namespace {

using namespace inoculate;

constexpr const char* kFooter =
    "Exit codes: 0 success; 1 a file or its content cannot be used; 2 wrong arguments; "
    "130 interrupted.\n"
    "Data is looked for in --data DIR, then $INOCULATE_DATA, then data/mnist.";

int fail(int code, const std::string& message) {
  std::cerr << "inoculate: " << message << '\n';
  return code;
}

// CLI11 tells help and version as exceptions too, and may spread a message over lines.
int tell(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) return app.exit(error);
  std::string message = error.what();
  for (char& c : message) c = c == '\n' ? ' ' : c;
  return fail(kUsage, message + " (see inoculate --help)");
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  CLI::App app("Train a small CNN on MNIST, attack it, defend it, and see what the defence bought.",
               "inoculate");
  app.require_subcommand(1);
  app.footer(kFooter);
  app.set_version_flag("--version", version_text());
  CommonOptions common;
  for (const auto add : {add_train, add_evaluate, add_predict, add_attack, add_fine_tune,
                         add_reproduce, add_bench}) {
    add(app, common);
  }
  try {
    app.parse(argc, argv);
    std::cout.flush();
    if (!std::cout) return fail(kFailure, "standard output cannot be written");
    return kSuccess;
  } catch (const CLI::ParseError& error) {
    return tell(app, error);
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
