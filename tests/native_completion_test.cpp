// What shells complete of the command: the bash script is asked as bash asks it.
#include <cstdlib>

#include "attack/registry.h"
#include "catch.h"
#include "refusals.h"

using namespace inoculate;

namespace {

/// What bash offers for the last of these words, which may be the beginning of one.
std::vector<std::string> completed(const TemporaryFolder& folder, const Arguments& words) {
  std::string line = "source " + (folder / "script") + "; COMP_WORDS=(";
  for (const std::string& word : words) line += '\'' + word + "' ";
  line += "); COMP_CWORD=" + std::to_string(words.size() - 1) +
          "; _inoculate; printf '%s\\n' \"${COMPREPLY[@]}\" > " + (folder / "said");
  REQUIRE(std::system(("cd '" + folder.path().string() + "' && bash -c '" +
                       [&] {
                         std::string quoted;
                         for (const char c : line) quoted += c == '\'' ? "'\\''" : std::string{c};
                         return quoted;
                       }() +
                       "'")
                          .c_str()) == 0);
  const Bytes said = read_whole_file(folder / "said");
  return lines_of({said.begin(), said.end()});
}

}  // namespace

TEST_CASE("bash completes sub-commands, options, their values, and files", "[command]") {
  const TemporaryFolder folder;
  write_whole_file(folder / "script", run_well({"completion", "bash"}).out);
  write_whole_file(folder / "photo.png", "");
  using Words = std::vector<std::string>;
  CHECK(completed(folder, {"inoculate", "adv"}) == Words{"adversarial-train"});
  CHECK(completed(folder, {"inoculate", "convert", "--to", "o"}) == Words{"onnx"});
  CHECK(completed(folder, {"inoculate", "attack", "pgd", "--step-s"}) == Words{"--step-size"});
  // The value of an option is no sub-command, whatever it is.
  CHECK(completed(folder, {"inoculate", "attack", "pgd", "--model", "photo"}) ==
        Words{"photo.png"});
  CHECK(completed(folder, {"inoculate", "predict", "--json", "pho"}) == Words{"photo.png"});
  for (const AttackMethod& method : attack_methods()) {
    INFO(method.name);
    const Words offered = completed(folder, {"inoculate", "attack", method.name});
    CHECK(std::count(offered.begin(), offered.end(), method.name) == 1);
  }
}

TEST_CASE("The scripts of all shells know every sub-command", "[command]") {
  const std::string help = run_well({"--help"}).out;
  for (const char* shell : {"bash", "zsh", "fish"}) {
    INFO(shell);
    const std::string script = run_well({"completion", shell}).out;
    bool listing = false;
    int commands = 0;
    for (const std::string& line : lines_of(help)) {
      if (line == "Subcommands:") listing = true;
      if (!listing || !line.starts_with("  ") || line[2] == ' ') continue;
      const std::string name = line.substr(2, line.find(' ', 2) - 2);
      INFO(name);
      CHECK(contains(script, "'inoculate " + name + "'"));
      ++commands;
    }
    CHECK(commands > 15);
    const std::string check = std::string("command -v ") + shell + " > /dev/null || exit 0; ";
    const TemporaryFolder folder;
    write_whole_file(folder / "script", script);
    CHECK(std::system((check + shell + " -n '" + (folder / "script") + "'").c_str()) == 0);
  }
}

TEST_CASE("Another shell is refused in words", "[command]") {
  const TemporaryFolder folder;
  check_refused(folder, {"completion", "csh"}, 2, {"csh"});
  check_refused(folder, {"completion"}, 2, {"completion --help"});
}
