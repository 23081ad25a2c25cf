#include "native/picture_folder.h"

#include <algorithm>
#include <charconv>
#include <system_error>
#include <tuple>

#include "base/error.h"
#include "base/quote.h"
#include "data/labels.h"
#include "native/read_picture.h"
#include "picture/mnist_form.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLayout =
    "put the pictures into the folder itself, or into one folder a class: 0, 1, ...";

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

int class_of(const fs::path& folder) {
  const std::string name = folder.filename().string();
  int label = 0;
  const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), label);
  if (status == std::errc() && end == name.data() + name.size() && label >= 0 &&
      label <= kLargestLabel) {
    return label;
  }
  throw Error(folder.string() + ": is a folder whose name is not a class; " + kLayout);
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
      pictures.push_back({entry.path().filename().string(), std::nullopt});
    }
  }
  if (!pictures.empty() && !classes.empty()) {
    throw Error(folder.string() + ": holds files (" + quote(pictures[0].name) + ") and folders (" +
                quote(classes[0].filename().string()) + "); " + kLayout);
  }
  for (const fs::path& path : classes) {
    const int label = class_of(path);
    for (const fs::directory_entry& entry : entries_of(path)) {
      if (entry.is_directory(failure)) {
        throw Error(entry.path().string() + ": is a folder in a class's folder; " + kLayout);
      }
      pictures.push_back({(path.filename() / entry.path().filename()).string(), label});
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

PreparedDigit read_set_picture(const fs::path& path) {
  const ReadPicture picture = read_picture_file(path);
  PreparedDigit digit;
  if (auto pixels = grey_digit_pixels(picture.pixels)) {
    digit = {std::move(*pixels), "as it is"};
  } else {
    digit = prepare_picture(picture.pixels, path.string());
  }
  digit.how = picture.described(digit.how);
  return digit;
}

}  // namespace inoculate
