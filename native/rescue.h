// Results of long work that cannot be written where they were to go.
#pragma once

#include <filesystem>
#include <string>

#include "data/bytes.h"

namespace inoculate {

/// What became of a file.
struct Kept {
  std::filesystem::path path;  ///< where it is; empty when it could be written nowhere
  std::string trouble;         ///< why it is not where it was to be; empty when it is
};

/// Writes `content` to `path` as write_file_atomically does or, if that fails, under the same name
/// into a new folder of the temporary directory ($TMPDIR, or /tmp) that only this user can enter.
Kept write_or_rescue(const std::filesystem::path& path, ByteView content);

/// A file that a run writes again and again and can do without. The first write that fails is told
/// as a warning, which ends in `consequence`; later ones are tried in silence, since a disk may
/// have room again.
class SideFile {
 public:
  /// Does nothing with an empty path.
  SideFile(std::string path, std::string consequence);

  void write(ByteView content);
  /// Whether some write has succeeded, so that the file holds what was last written.
  bool is_there() const { return there_; }

 private:
  std::string path_;
  std::string consequence_;
  bool there_ = false;
  bool warned_ = false;
};

}  // namespace inoculate
