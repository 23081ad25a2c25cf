#include "native/data_files.h"

#include <algorithm>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.h"
#include "base/quote.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;

/// The names of what is in a folder, sorted; empty when it cannot be looked into.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// Whether `name` (without .gz) is one that the part of the split goes by.
class Names {
 public:
  Names(Split split, IdxPart part)
      : splits_(split == Split::kTrain ? std::vector<std::string>{"train"}
                                       : std::vector<std::string>{"t10k", "test"}),
        part_(part == IdxPart::kImages ? "images" : "labels"),
        ending_(part == IdxPart::kImages ? "idx3-ubyte" : "idx1-ubyte") {}

  std::string own() const { return splits_.front() + "-" + part_ + "-" + ending_; }

  /// MNIST's own names first.
  std::vector<std::string> plain() const {
    std::vector<std::string> names;
    for (const std::string& split : splits_) {
      for (const char* joint : {"-", "."}) names.push_back(split + "-" + part_ + joint + ending_);
    }
    return names;
  }

  bool is_emnist(std::string name) const {
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    return name.starts_with("emnist-") &&
           std::any_of(splits_.begin(), splits_.end(), [&](const std::string& split) {
             return name.ends_with("-" + split + "-" + part_ + "-" + ending_);
           });
  }

 private:
  std::vector<std::string> splits_;
  std::string part_;
  std::string ending_;
};

/// The file at `path`, or the one in the folder there; none if there is neither.
std::optional<fs::path> file_at(const fs::path& path) {
  std::error_code failure;
  if (!fs::exists(path, failure)) return std::nullopt;
  if (!fs::is_directory(path, failure)) return path;
  const std::vector<std::string> inside = names_in(path);
  const std::string own = path.filename().string();
  for (const std::string& name : {own, own + ".gz"}) {
    if (std::binary_search(inside.begin(), inside.end(), name)) return path / name;
  }
  if (inside.size() == 1 && fs::is_regular_file(path / inside[0], failure)) return path / inside[0];
  return std::nullopt;
}

std::optional<fs::path> find_plain(const fs::path& folder, const Names& names) {
  for (const std::string& name : names.plain()) {
    for (const char* suffix : {"", ".gz"}) {
      if (auto file = file_at(folder / (name + suffix))) return file;
    }
  }
  return std::nullopt;
}

std::optional<fs::path> find_emnist(const fs::path& folder, const Names& names) {
  std::vector<std::string> found;
  for (const std::string& name : names_in(folder)) {
    const bool again = name.ends_with(".gz") && !found.empty() && found.back() + ".gz" == name;
    if (names.is_emnist(name) && !again && file_at(folder / name)) found.push_back(name);
  }
  if (found.empty()) return std::nullopt;
  if (found.size() > 1) {
    throw Error(folder.string() + ": holds " + quote(found[0]) + " and " + quote(found[1]) +
                "; put the files of one set, such as EMNIST's digits, in a folder of their own");
  }
  return file_at(folder / found[0]);
}

/// "it holds 'a', 'b' and 3 others".
std::string content_text(const fs::path& folder) {
  constexpr std::size_t kMostNames = 8;
  const std::vector<std::string> names = names_in(folder);
  if (names.empty()) return "it holds nothing that can be listed";
  std::string text = "it holds ";
  const std::size_t shown = std::min(names.size(), kMostNames);
  for (std::size_t i = 0; i < shown; ++i) text += (i > 0 ? ", " : "") + quote(names[i]);
  const std::size_t others = names.size() - shown;
  if (others > 0) text += " and " + std::to_string(others) + (others > 1 ? " others" : " other");
  return text;
}

}  // namespace

fs::path find_idx_file(const fs::path& folder, Split split, IdxPart part) {
  const Names names(split, part);
  for (const fs::path& place : {folder, folder / "MNIST" / "raw"}) {
    if (auto file = find_plain(place, names)) return *file;
    if (auto file = find_emnist(place, names)) return *file;
  }
  throw Error((folder / names.own()).string() + ": no such file, raw or .gz; " +
              content_text(folder) +
              "; give the folder of MNIST's four files with --data, or let ./run train fetch them");
}

}  // namespace inoculate
