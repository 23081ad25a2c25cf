// What all sub-commands have in common: help, version, progress, where data is found.
#include "catch.h"
#include "command_checks.h"

using namespace inoculate;

TEST_CASE("Help says what there is and succeeds, for every sub-command", "[command]") {
  const CommandResult all = run_well({"--help"});
  CHECK(all.err.empty());
  CHECK(contains(all.out, "Exit codes: 0 success; 1 "));
  const std::vector<Arguments> commands = {
      {"train"},     {"evaluate"},          {"predict"},    {"attack"},    {"attack", "fgsm"},
      {"fine-tune"}, {"adversarial-train"}, {"robustness"}, {"reproduce"}, {"bench"},
      {"fit"},       {"transfer"},          {"noise"},      {"landscape"}};
  for (const Arguments& command : commands) {
    INFO(command.back());
    const CommandResult help = run_well(with(command, {"--help"}));
    CHECK(help.err.empty());
    CHECK(contains(help.out, "Usage: inoculate"));
    CHECK(contains(help.out, "--help"));
    if (command.size() == 1) CHECK(contains(all.out, "  " + command[0] + " "));
    if (command != Arguments{"attack"}) {
      for (const char* option : {"--json", "--seed", "--threads"}) {
        CHECK(contains(help.out, option));
      }
    }
  }
}

TEST_CASE("--version names the build in one line", "[command]") {
  const CommandResult version = run_well({"--version"});
  CHECK(version.err.empty());
  CHECK(lines_of(version.out).size() == 1);
  CHECK(contains(version.out, "inoculate"));
  CHECK(contains(version.out, "thread"));
}

TEST_CASE("Progress without a terminal is a plain line an epoch", "[command]") {
  const TemporaryFolder folder;
  CommandSettings settings;
  settings.environment["TERM"] = "xterm-256color";
  const CommandResult result = run_well(train(folder / "weights", {"--epochs", "2"}), settings);
  const auto lines = lines_of(result.err);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].starts_with("epoch 1/2  loss "));
  CHECK(lines[1].starts_with("epoch 2/2  loss "));
  CHECK(contains(lines[0], "accuracy"));
  CHECK(contains(lines[0], "validation"));
  for (const std::string* text : {&result.err, &result.out}) {
    CHECK(text->find('\x1b') == std::string::npos);
    CHECK(text->find('\r') == std::string::npos);
  }
  CHECK(contains(result.out, "test accuracy"));
  CHECK(contains(result.out, folder / "weights"));
}

TEST_CASE("Data is found by INOCULATE_DATA, and in data/mnist", "[command]") {
  const TemporaryFolder folder;
  fs::create_directory(folder / "data");
  fs::create_directory_symlink(small_data(), folder / "data/mnist");
  const Arguments evaluate = {"evaluate", "--model", golden_model(), "--count", "20"};
  CommandSettings here;
  here.folder = folder.path().string();
  const std::string found = run_well(evaluate, here).out;
  CommandSettings named;
  named.environment["INOCULATE_DATA"] = small_data();
  CHECK(run_well(evaluate, named).out == found);
  CHECK(run_well(with(evaluate, {"--data", small_data()})).out == found);
}
