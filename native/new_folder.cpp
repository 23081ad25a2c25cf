#include "native/new_folder.h"

#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

#include "base/error.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw Error("cannot write '" + path.string() + "': " + why +
              "; check the permissions and the disk, or choose another path");
}

/// The path to be renamed to: of an empty folder its own, behind links.
fs::path target_of(const fs::path& given, const std::string& option) {
  const auto refuse_place = [&](const std::string& what) {
    throw Error(given.string() + ": " + what + "; give a new folder with " + option);
  };
  const fs::path path = given.has_filename() ? given : given.parent_path();
  if (path.filename() == "." || path.filename() == "..")
    refuse_place("is a folder that has its name");
  std::error_code failure;
  if (!fs::exists(path, failure)) return path;
  if (!fs::is_directory(path, failure)) refuse_place("is a file");
  if (!fs::is_empty(path, failure) || failure) refuse_place("is a folder with something in it");
  return fs::canonical(path);
}

fs::path make_hidden_folder(const fs::path& target, const fs::path& shown) {
  const fs::path parent = target.has_parent_path() ? target.parent_path() : fs::path(".");
  const std::string stem = ".inoculate-" + std::to_string(::getpid()) + "-";
  constexpr int kMostTries = 1000;
  std::error_code failure;
  for (int i = 0; i < kMostTries; ++i) {
    fs::path hidden = parent / (stem + std::to_string(i) + ".tmp");
    if (fs::create_directory(hidden, failure)) return hidden;
    if (failure) break;
  }
  if (!fs::is_directory(parent)) {
    throw Error("cannot write '" + shown.string() + "': there is no folder '" + parent.string() +
                "'; create it first");
  }
  refuse(shown, failure.message());
}

}  // namespace

NewFolder::NewFolder(const fs::path& path, const std::string& option)
    : path_(target_of(path, option)), hidden_(make_hidden_folder(path_, path)) {}

NewFolder::~NewFolder() {
  std::error_code ignored;
  if (!hidden_.empty()) fs::remove_all(hidden_, ignored);
}

void NewFolder::write(const fs::path& name, ByteView content) {
  std::error_code ignored;  // without its folder, the file cannot be written either
  const fs::path path = hidden_ / name;
  fs::create_directories(path.parent_path(), ignored);
  errno = 0;
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(content.data()),
             static_cast<std::streamsize>(content.size()));
  file.close();
  if (!file) refuse(path_ / name, std::generic_category().message(errno));
}

void NewFolder::finish() {
  std::error_code failure;
  fs::rename(hidden_, path_, failure);
  if (failure) refuse(path_, failure.message());
  hidden_.clear();
}

void require_new_folder(const fs::path& path, const std::string& option) {
  const NewFolder probe(path, option);
}

}  // namespace inoculate
