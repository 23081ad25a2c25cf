// What README and docs promise: links lead somewhere, lines marked as runnable run, and tables name
// what the command knows.
#include <algorithm>
#include <numeric>
#include <set>
#include <sstream>

#include "catch.h"
#include "paths.h"
#include "run_command.h"
#include "train/recipe.h"

using namespace inoculate;
namespace fs = std::filesystem;

namespace {

std::vector<fs::path> documents() {
  const fs::path root = in_source("");
  std::vector<fs::path> all;
  for (const fs::path& folder : {root, root / "docs", root / ".github"}) {
    if (!fs::exists(folder)) continue;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".md") all.push_back(entry.path());
    }
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::vector<std::string> lines_of_file(const fs::path& path) {
  const Bytes bytes = read_whole_file(path.string());
  std::istringstream text(std::string(bytes.begin(), bytes.end()));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

/// A heading's anchor as GitHub makes it: small letters, digits, hyphens for blanks.
std::string anchor_of(const std::string& heading) {
  std::string anchor;
  for (const char c : heading) {
    if (c == ' ' || c == '-') anchor += '-';
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      anchor += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
  }
  return anchor;
}

std::set<std::string> anchors_in(const fs::path& path) {
  std::set<std::string> anchors;
  for (const std::string& line : lines_of_file(path)) {
    const std::size_t level = line.find_first_not_of('#');
    if (level == 0 || level == std::string::npos || line[level] != ' ') continue;
    anchors.insert(anchor_of(line.substr(level + 1)));
  }
  return anchors;
}

/// What "](target)" says in a line, but for addresses in the web.
std::vector<std::string> link_targets(const std::string& line) {
  std::vector<std::string> targets;
  for (std::size_t at = line.find("]("); at != std::string::npos; at = line.find("](", at + 1)) {
    const std::string target = line.substr(at + 2, line.find(')', at) - at - 2);
    if (!target.starts_with("https://")) targets.push_back(target);
  }
  return targets;
}

/// The lines between "```sh run" and "```".
std::vector<std::string> runnable_lines(const fs::path& path) {
  std::vector<std::string> commands;
  bool runs = false;
  for (const std::string& line : lines_of_file(path)) {
    if (line.starts_with("```")) {
      runs = line == "```sh run";
    } else if (runs) {
      commands.push_back(line);
    }
  }
  return commands;
}

/// The words in backquotes in the first column of the table that begins with `head`.
std::set<std::string> first_column(const fs::path& path, const std::string& head) {
  std::set<std::string> words;
  bool inside = false;
  for (const std::string& line : lines_of_file(path)) {
    inside = line.starts_with(head) || (inside && line.starts_with("|"));
    if (!inside) continue;
    const std::string column = line.substr(0, line.find('|', 1));
    for (std::size_t at = column.find('`'); at != std::string::npos;) {
      const std::size_t end = column.find('`', at + 1);
      words.insert(column.substr(at + 1, end - at - 1));
      at = column.find('`', end + 1);
    }
  }
  return words;
}

// Training images enough for what the documents hold out of them.
std::string data_for_documents(const TemporaryFolder& folder) {
  std::vector<std::int32_t> indices(1600);
  std::iota(indices.begin(), indices.end(), 0);
  fs::create_directories(folder / "data");
  write_split(folder / "data", "train", sample_images(indices));
  write_split(folder / "data", "t10k", small_test());
  return folder / "data";
}

}  // namespace

TEST_CASE("docs: every link leads to a file and a heading that are there") {
  int followed = 0;
  for (const fs::path& document : documents()) {
    for (const std::string& line : lines_of_file(document)) {
      for (const std::string& target : link_targets(line)) {
        INFO(document << " links to " << target);
        const std::string file = target.substr(0, target.find('#'));
        const fs::path path = file.empty() ? document : document.parent_path() / file;
        REQUIRE(fs::exists(path));
        if (target.find('#') != std::string::npos) {
          CHECK(anchors_in(path).contains(target.substr(target.find('#') + 1)));
        }
        ++followed;
      }
    }
  }
  CHECK(followed > 20);
}

TEST_CASE("docs: no line is longer than 120 characters, and README than 130 lines") {
  for (const fs::path& document : documents()) {
    for (const std::string& line : lines_of_file(document)) {
      INFO(document << ": " << line);
      const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; };
      CHECK(line.size() -
                static_cast<std::size_t>(std::count_if(line.begin(), line.end(), continues)) <=
            120);
    }
  }
  CHECK(lines_of_file(in_source("/README.md")).size() <= 130);
}

TEST_CASE("docs: lines that are marked as runnable run, in their order", "[command]") {
  for (const fs::path& document : documents()) {
    const TemporaryFolder folder, data;
    CommandSettings settings;
    settings.folder = folder.path().string();
    settings.environment["INOCULATE_DATA"] = data_for_documents(data);
    settings.environment["PATH"] =
        fs::path(command_path()).parent_path().string() + ":" + std::getenv("PATH");
    for (const std::string& command : runnable_lines(document)) {
      const CommandResult result = run_shell(command, settings);
      INFO(document << ": " << command << "\n" << result.err);
      REQUIRE(result.exit_code == 0);
    }
  }
  CHECK(runnable_lines(in_source("/README.md")).size() >= 5);
}

TEST_CASE("docs: the table of defences has every method of training") {
  std::set<std::string> expected;
  for (const NamedMethod& method : training_methods()) expected.insert(method.name);
  expected.erase("plain");
  CHECK(first_column(in_source("/docs/defences.md"), "| method") == expected);
}
