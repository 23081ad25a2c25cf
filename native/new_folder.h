// A folder of files that is there as a whole or not at all.
#pragma once

#include <filesystem>
#include <string>

#include "data/bytes.h"

namespace inoculate {

/// Files are written to a hidden folder beside the new one, which becomes it when all are there.
/// What was not finished is removed again.
class NewFolder {
 public:
  /// Throws Error, which names the `option` that gave the path, unless there is nothing at `path`
  /// or an empty folder, and when none can be made there.
  NewFolder(const std::filesystem::path& path, const std::string& option);
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;
  ~NewFolder();

  /// Writes a file, whose `name` may begin with folders: "7/00012.png". Throws Error.
  void write(const std::filesystem::path& name, ByteView content);

  /// Gives the folder its name; the last call. Throws Error.
  void finish();

 private:
  std::filesystem::path path_;
  std::filesystem::path hidden_;  // empty once it has its name
};

/// Throws the Error that NewFolder would. For the start of a long run.
void require_new_folder(const std::filesystem::path& path, const std::string& option);

}  // namespace inoculate
