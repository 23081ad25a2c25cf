// The licences: complete, and to be had from the command.
#include <cctype>
#include <regex>
#include <set>

#include "catch.h"
#include "command_checks.h"
#include "paths.h"

using namespace inoculate;

namespace {

std::string text_of(const std::string& name) {
  const Bytes bytes = read_whole_file(in_source("/") + name);
  return {bytes.begin(), bytes.end()};
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

/// The libraries that the build looks for: "eigen", "json", "png".
std::set<std::string> libraries() {
  const std::string text = text_of("cmake/Dependencies.cmake");
  const std::regex pattern(
      "(?:inoculate_(?:headers|sources|fetch)\\(|ALIAS inoculate_|inoculate::)([a-z0-9]+)");
  std::set<std::string> names;
  for (std::sregex_iterator found(text.begin(), text.end(), pattern), end; found != end; ++found) {
    names.insert((*found)[1]);
  }
  names.erase("threads");  // the system's own
  names.erase("name");     // in the helpers' descriptions
  return names;
}

/// The names under which the notices stand, in small letters: the line after a rule.
std::vector<std::string> headings() {
  std::vector<std::string> found;
  const std::vector<std::string> lines = lines_of(lower(text_of("THIRD_PARTY_NOTICES")));
  for (std::size_t i = 0; i + 2 < lines.size(); ++i) {
    if (lines[i].starts_with(std::string(100, '=')) && contains(lines[i + 2], "://")) {
      found.push_back(lines[i + 1]);
    }
  }
  return found;
}

}  // namespace

TEST_CASE("The notices name every library that the build uses", "[licences]") {
  const std::vector<std::string> names = headings();
  const std::set<std::string> used = libraries();
  CHECK(used.size() >= 9);
  for (std::string library : used) {
    INFO(library);
    if (library.starts_with("lib")) library.erase(0, 3);
    while (std::isdigit(static_cast<unsigned char>(library.back())) != 0) library.pop_back();
    CHECK(std::any_of(names.begin(), names.end(),
                      [&](const std::string& name) { return contains(name, library); }));
  }
  // What Emscripten brings along without being asked.
  for (const char* runtime : {"emscripten", "musl", "libc++", "compiler-rt"}) {
    INFO(runtime);
    CHECK(std::any_of(names.begin(), names.end(),
                      [&](const std::string& name) { return contains(name, runtime); }));
  }
}

TEST_CASE("inoculate --licences prints the licence and all notices", "[licences]") {
  const std::string all = text_of("LICENSE") + text_of("THIRD_PARTY_NOTICES");
  CHECK(all.starts_with("MIT License\n\nCopyright (c) 2026 the Inoculate authors\n"));
  for (const char* option : {"--licences", "--licenses"}) {
    const CommandResult result = run_well({option});
    CHECK(result.out == all);
    CHECK(result.err.empty());
  }
}
