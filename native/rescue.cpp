#include "native/rescue.h"

#include <cstdlib>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "native/files.h"
#include "native/output.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;

/// The file's path in a new folder of the temporary directory; empty when there can be none.
fs::path write_to_temporary(const fs::path& name, ByteView content) {
  std::error_code failure;
  const fs::path temporary = fs::temp_directory_path(failure);
  if (failure) return {};
  std::string folder = (temporary / "inoculate-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) return {};
  const fs::path path = folder / name;
  try {
    write_file_atomically(path, content);
    return path;
  } catch (const Error&) {
    fs::remove(folder, failure);
    return {};
  }
}

}  // namespace

Kept write_or_rescue(const fs::path& path, ByteView content) {
  try {
    write_file_atomically(path, content);
    return {path, ""};
  } catch (const Error& error) {
    return {write_to_temporary(path.filename(), content), error.what()};
  }
}

SideFile::SideFile(std::string path, std::string consequence)
    : path_(std::move(path)), consequence_(std::move(consequence)) {}

void SideFile::write(ByteView content) {
  if (path_.empty()) return;
  try {
    write_file_atomically(path_, content);
    there_ = true;
  } catch (const Error& error) {
    if (!std::exchange(warned_, true)) tell_warning(error.what() + ("; " + consequence_));
  }
}

}  // namespace inoculate
