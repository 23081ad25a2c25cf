#include "native/picture_folder.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <system_error>
#include <tuple>

#include "base/error.h"
#include "base/quote.h"
#include "data/labels.h"
#include "native/output.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLayout =
    "put the pictures into the folder itself, or into one folder a class";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A name cut into what is to be compared: text as it is, and numbers by value, which is by their
/// length without leading zeros and then by their digits.
using SortKey = std::vector<std::tuple<std::string, std::size_t, std::string>>;

SortKey sort_key(const std::string& name) {
  SortKey key;
  for (std::size_t at = 0; at < name.size();) {
    const auto text_end =
        std::find_if(name.begin() + static_cast<std::ptrdiff_t>(at), name.end(), is_digit);
    const auto end = std::find_if_not(text_end, name.end(), is_digit);
    std::string text(name.begin() + static_cast<std::ptrdiff_t>(at), text_end);
    std::string number(std::find_if(text_end, end, [](char c) { return c != '0'; }), end);
    const std::size_t length = number.size();
    key.emplace_back(std::move(text), length, std::move(number));
    at = static_cast<std::size_t>(end - name.begin());
  }
  return key;
}

std::vector<fs::directory_entry> entries_of(const fs::path& folder) {
  std::vector<fs::directory_entry> entries;
  std::error_code failure;
  for (fs::directory_iterator entry(folder, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (!entry->path().filename().string().starts_with('.')) entries.push_back(*entry);
  }
  if (failure) {
    throw Error("cannot read '" + folder.string() + "': " + failure.message() +
                "; check the folder's permissions");
  }
  return entries;
}

// A class's name as folders are called: in small letters, blanks for underscores.
std::string folded(std::string name) {
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '_') c = ' ';
  }
  return name;
}

using Classes = std::map<std::string, int>;  // of folders

// All of the folders by the names of classes, or none.
std::optional<Classes> classes_by_name(const std::set<std::string>& folders, const ModelSpec& model,
                                       const std::string& path) {
  std::multimap<std::string, int> numbers;
  for (std::size_t i = 0; i < model.class_names.size(); ++i) {
    numbers.emplace(folded(model.class_names[i]), static_cast<int>(i));
  }
  Classes classes;
  for (const std::string& folder : folders) {
    const auto [first, last] = numbers.equal_range(folded(folder));
    if (first == last) return std::nullopt;
    if (std::next(first) != last) {
      throw Error(path + ": " + quote(folder) + " is the name of the classes " +
                  std::to_string(first->second) + " and " +
                  std::to_string(std::next(first)->second) +
                  "; call folders by the numbers of classes");
    }
    classes[folder] = first->second;
  }
  return classes;
}

std::optional<Classes> classes_by_number(const std::set<std::string>& folders) {
  Classes classes;
  for (const std::string& folder : folders) {
    int label = 0;
    const char* const end = folder.data() + folder.size();
    const auto [stop, status] = std::from_chars(folder.data(), end, label);
    if (status != std::errc() || stop != end || label < 0 || label > kLargestLabel) {
      return std::nullopt;
    }
    classes[folder] = label;
  }
  return classes;
}

Classes classes_of(const std::set<std::string>& folders, const ModelSpec& model,
                   const std::string& path) {
  const auto by_name = classes_by_name(folders, model, path);
  const auto by_number = classes_by_number(folders);
  if (by_name && by_number && *by_name != *by_number) {
    throw Error(path + ": its folders (" + quote(*folders.begin()) +
                " ...) are called as classes of the model are and as the numbers of others; put "
                "the pictures into one folder and give --labels, or leave out the classes' names");
  }
  if (by_name) return *by_name;
  if (by_number) return *by_number;
  if (folders.size() != static_cast<std::size_t>(model.classes)) {
    throw Error(path + ": its " + std::to_string(folders.size()) + " folders (" +
                quote(*folders.begin()) + " ...) are called neither as the model's " +
                std::to_string(model.classes) +
                " classes are nor by their numbers, 0, 1, ...; rename them, or put the pictures "
                "into one folder and give --labels");
  }
  Classes classes;
  for (const std::string& folder : folders) classes.emplace(folder, classes.size());
  tell_note(path + ": its folders are taken for classes 0 to " + std::to_string(model.classes - 1) +
            " in the order of their names");
  return classes;
}

}  // namespace

std::vector<FolderPicture> list_pictures(const fs::path& folder, const std::string& left_out) {
  std::error_code failure;
  const auto is_left_out = [&](const fs::path& path) {
    return !left_out.empty() && fs::equivalent(path, left_out, failure);
  };
  std::vector<FolderPicture> pictures;
  std::vector<fs::path> classes;
  for (const fs::directory_entry& entry : entries_of(folder)) {
    if (entry.is_directory(failure)) {
      classes.push_back(entry.path());
    } else if (!is_left_out(entry.path())) {
      pictures.push_back({entry.path().filename().string(), ""});
    }
  }
  if (!pictures.empty() && !classes.empty()) {
    throw Error(folder.string() + ": holds files (" + quote(pictures[0].name) + ") and folders (" +
                quote(classes[0].filename().string()) + "); " + kLayout);
  }
  for (const fs::path& path : classes) {
    const std::string name = path.filename().string();
    for (const fs::directory_entry& entry : entries_of(path)) {
      if (entry.is_directory(failure)) {
        throw Error(entry.path().string() + ": is a folder in a class's folder; " + kLayout);
      }
      pictures.push_back({(path.filename() / entry.path().filename()).string(), name});
    }
  }
  if (pictures.empty()) throw Error(folder.string() + ": holds no pictures; " + kLayout);
  std::vector<std::pair<std::tuple<SortKey, std::string>, FolderPicture>> sorted;
  for (FolderPicture& picture : pictures) {
    std::string file = fs::path(picture.name).filename().string();
    auto key = std::tuple(sort_key(file), picture.name);
    sorted.emplace_back(std::move(key), std::move(picture));
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::transform(sorted.begin(), sorted.end(), pictures.begin(),
                 [](auto& entry) { return std::move(entry.second); });
  return pictures;
}

Labels folder_labels(const std::vector<FolderPicture>& pictures, const ModelSpec& model,
                     const std::string& path) {
  std::set<std::string> folders;
  for (const FolderPicture& picture : pictures) folders.insert(picture.folder);
  const Classes classes = classes_of(folders, model, path);
  Labels labels;
  for (const FolderPicture& picture : pictures) {
    labels.push_back(static_cast<Labels::value_type>(classes.at(picture.folder)));
  }
  return labels;
}

}  // namespace inoculate
