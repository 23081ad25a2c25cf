#include "native/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>
#include <utility>

#include "base/error.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFirstRead = 64 * 1024;

/// What somebody can do about a failed system call, as the end of a message.
const char* advice(int error) {
  switch (error) {
    case ENOENT:
      return "check the path";
    case ENOTDIR:
      return "a part of the path is a file, not a folder; check the path";
    case EACCES:
    case EPERM:
      return "check the permissions or choose another path";
    case EROFS:
      return "choose a path on a writable file system";
    case ENOSPC:
    case EDQUOT:
      return "free some space or choose another path";
    case EFBIG:
      return "raise the limit on file sizes (ulimit -f) or choose another disk";
    case EISDIR:
      return "give a path to a file";
    case ENAMETOOLONG:
      return "choose a shorter name";
    case ELOOP:
      return "the symbolic links go round in a circle; choose another path";
    default:
      return "check the path and the disk";
  }
}

[[noreturn]] void fail(const char* what, const fs::path& path, int error) {
  throw Error(std::string(what) + " '" + path.string() +
              "': " + std::generic_category().message(error) + "; " + advice(error));
}

/// An open file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }

 private:
  int value_;
};

int open_retrying(const fs::path& path, int flags, mode_t mode = 0) {
  int descriptor;
  do {
    descriptor = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  } while (descriptor < 0 && errno == EINTR);
  return descriptor;
}

/// Writes all of `content`; returns 0 or the errno.
int write_all(int descriptor, ByteView content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    if (written == 0) return EIO;
    content = content.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

/// Where a write to a path goes, and how.
struct Target {
  fs::path path;            ///< With symbolic links followed.
  bool is_special = false;  ///< A device, pipe or socket: written straight.
  bool exists = false;      ///< A regular file is there, and `permissions` are its own.
  mode_t permissions = 0;
};

/// Where the symbolic links at `path` lead. They are followed one by one, because the last may
/// point at a file that does not exist yet.
fs::path behind_links(const fs::path& path) {
  constexpr int kMostLinks = 40;
  fs::path target = path;
  struct stat status {};
  for (int links = 0; ::lstat(target.c_str(), &status) == 0 && S_ISLNK(status.st_mode);) {
    if (++links > kMostLinks) fail("cannot write", path, ELOOP);
    // /dev/stdout leads to "pipe:[123]" or a deleted file, which have no path: stop before them.
    struct stat behind {};
    if (::stat(target.c_str(), &behind) == 0 && !S_ISREG(behind.st_mode)) break;
    std::error_code code;
    const fs::path next = fs::read_symlink(target, code);
    if (code) fail("cannot write", path, code.value());
    target = target.parent_path() / next;
  }
  return target;
}

/// Looks at the target and throws when it can never be written.
Target examine(const fs::path& path) {
  if (path.empty()) throw Error("cannot write: the output path is empty; give a file name");
  refuse_dash(path);
  Target target;
  target.path = behind_links(path);
  struct stat status {};
  if (::stat(target.path.c_str(), &status) != 0) {
    if (errno != ENOENT) fail("cannot write", path, errno);
    if (!target.path.has_filename()) fail("cannot write", path, EISDIR);
    return target;
  }
  if (S_ISDIR(status.st_mode)) fail("cannot write", path, EISDIR);
  if (::access(target.path.c_str(), W_OK) != 0) fail("cannot write", path, errno);
  target.is_special = !S_ISREG(status.st_mode);
  target.exists = !target.is_special;
  target.permissions = status.st_mode & 07777;
  return target;
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

/// A new temporary file in the target's folder, removed again unless it was renamed.
class TemporaryFile {
 public:
  /// Throws when it cannot be created; `shown` is the target as the user gave it.
  TemporaryFile(const Target& target, const fs::path& shown) {
    const fs::path folder = folder_of(target.path);
    // A name of its own rather than target + suffix: the target's may be as long as allowed.
    const std::string stem = ".inoculate-" + std::to_string(::getpid()) + "-";
    constexpr int kMostTries = 1000;
    for (int i = 0; i < kMostTries; ++i) {
      path_ = folder / (stem + std::to_string(i) + ".tmp");
      // 0666 and not mkstemp's 0600, so that the user's umask decides who may read the result.
      descriptor_ = open_retrying(path_, O_WRONLY | O_CREAT | O_EXCL, 0666);
      if (descriptor_ >= 0) return;
      if (errno != EEXIST) break;
    }
    const int error = errno;
    if (error == ENOENT) {
      throw Error("cannot write '" + shown.string() + "': there is no folder '" + folder.string() +
                  "'; create it first");
    }
    fail("cannot write", shown, error);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!renamed_) ::unlink(path_.c_str());
  }

  /// Writes, syncs, closes and renames to the target; returns 0 or the errno of what failed.
  int become(const Target& target, ByteView content) {
    if (target.exists && ::fchmod(descriptor_, target.permissions) != 0) return errno;
    if (const int error = write_all(descriptor_, content)) return error;
    if (::fsync(descriptor_) != 0) return errno;
    // A network disk may report a lost write only here.
    if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) return errno;
    if (::rename(path_.c_str(), target.path.c_str()) != 0) return errno;
    renamed_ = true;
    return 0;
  }

 private:
  fs::path path_;
  int descriptor_ = -1;
  bool renamed_ = false;
};

/// Makes a rename in `folder` survive a power cut. Best effort: the new file is complete whether or
/// not this file system can sync a folder.
void sync_folder(const fs::path& folder) {
  const Descriptor descriptor(open_retrying(folder, O_RDONLY | O_DIRECTORY));
  if (descriptor.get() >= 0) ::fsync(descriptor.get());
}

}  // namespace

void refuse_dash(const fs::path& path) {
  if (path != "-") return;
  throw Error(
      "'-' is not a file name here, nor standard input or output; write ./- for a file of that "
      "name");
}

bool same_file(const fs::path& a, const fs::path& b) {
  struct stat one {
  }, other{};
  const auto are_one = [&] { return one.st_dev == other.st_dev && one.st_ino == other.st_ino; };
  const bool there = ::stat(a.c_str(), &one) == 0;
  if (there != (::stat(b.c_str(), &other) == 0)) return false;
  if (there) return S_ISREG(one.st_mode) && are_one();
  const fs::path first = behind_links(a), second = behind_links(b);
  return first.filename() == second.filename() && ::stat(folder_of(first).c_str(), &one) == 0 &&
         ::stat(folder_of(second).c_str(), &other) == 0 && are_one();
}

Bytes read_file(const fs::path& path, std::size_t size_limit) {
  refuse_dash(path);
  const Descriptor descriptor(open_retrying(path, O_RDONLY));
  if (descriptor.get() < 0) fail("cannot read", path, errno);
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) fail("cannot read", path, errno);
  if (S_ISDIR(status.st_mode)) fail("cannot read", path, EISDIR);

  const auto refuse_size = [&] {
    throw Error("cannot read '" + path.string() + "': it is larger than the " +
                std::to_string(size_limit) +
                " bytes expected here; check that it is the right file");
  };
  if (S_ISREG(status.st_mode) && static_cast<std::uintmax_t>(status.st_size) > size_limit) {
    refuse_size();
  }

  // Grown by what was really read: a size in a file system (or a pipe) is only a claim. One byte
  // beyond the limit shows that there is more.
  const std::size_t most = std::min(size_limit, std::numeric_limits<std::size_t>::max() - 1) + 1;
  const std::size_t expected =
      S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) : 0;
  Bytes bytes;
  std::size_t count = 0;
  for (;;) {
    if (count == bytes.size()) {
      const std::size_t wanted = count == 0 ? std::max(expected + 1, kFirstRead) : 2 * count;
      bytes.resize(std::min(wanted, most));
    }
    const ssize_t got = ::read(descriptor.get(), bytes.data() + count, bytes.size() - count);
    if (got < 0) {
      if (errno == EINTR) continue;
      fail("cannot read", path, errno);
    }
    if (got == 0) break;
    count += static_cast<std::size_t>(got);
    if (count > size_limit) refuse_size();
  }
  bytes.resize(count);
  return bytes;
}

void write_file_atomically(const fs::path& path, ByteView content) {
  const Target target = examine(path);
  if (target.is_special) {
    Descriptor descriptor(open_retrying(target.path, O_WRONLY));
    if (descriptor.get() < 0) fail("cannot write", path, errno);
    if (const int error = write_all(descriptor.get(), content)) fail("cannot write", path, error);
    return;
  }
  int error = 0;
  {
    TemporaryFile temporary(target, path);
    error = temporary.become(target, content);
  }
  if (error != 0) fail("cannot write", path, error);
  sync_folder(folder_of(target.path));
}

void require_writable(const fs::path& path) {
  const Target target = examine(path);
  if (!target.is_special) const TemporaryFile probe(target, path);
}

fs::path make_folder(const std::string& path, const std::string& option) {
  refuse_dash(path);
  std::error_code failure;
  fs::create_directories(path, failure);
  if (!fs::is_directory(path, failure)) {
    throw Error(path + ": cannot be made into a folder; give another with " + option);
  }
  return path;
}

}  // namespace inoculate
