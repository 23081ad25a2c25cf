// Files in and out, and everything that can be wrong with a path.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>
#include <string>

#include "base/error.h"
#include "catch.h"
#include "native/files.h"
#include "skip.h"

using namespace inoculate;
namespace fs = std::filesystem;

namespace {

/// A folder of its own for one test, gone afterwards.
struct Folder {
  fs::path path;
  Folder() {
    std::string name = (fs::temp_directory_path() / "inoculate-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path operator/(const char* name) const { return path / name; }
  long entries() const {
    return static_cast<long>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
  }
};

/// While it lives, root is somebody whom permissions hold back, and who owns the folder.
class Nobody {
 public:
  explicit Nobody(const Folder& folder) {
    if (::geteuid() != 0) return;
    constexpr uid_t kNobody = 65534;
    for (const auto& entry : fs::directory_iterator(folder.path)) {
      if (::chown(entry.path().c_str(), kNobody, static_cast<gid_t>(-1)) != 0) return;
    }
    if (::chown(folder.path.c_str(), kNobody, static_cast<gid_t>(-1)) != 0) return;
#ifdef __linux__
    was_root_ = ::setresuid(kNobody, kNobody, 0) == 0;
#endif
  }
  Nobody(const Nobody&) = delete;
  Nobody& operator=(const Nobody&) = delete;
  ~Nobody() {
#ifdef __linux__
    if (was_root_ && ::setresuid(0, 0, 0) != 0) std::abort();
#endif
  }

 private:
  bool was_root_ = false;
};

void put(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

std::string get(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

/// The message of the Error that `action` must throw: one line.
template <typename Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    const std::string message = error.what();
    CHECK(message.find('\n') == std::string::npos);
    return message;
  }
  FAIL("nothing was thrown");
  return {};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("read_file gives a file's bytes up to exactly the limit", "[files]") {
  const Folder folder;
  put(folder / "a", std::string("x\0y\nz", 5));
  CHECK(read_file(folder / "a", 5) == bytes_of(std::string("x\0y\nz", 5)));
  CHECK(read_file(folder / "a", 1000).size() == 5);
  put(folder / "empty", "");
  CHECK(read_file(folder / "empty", 0).empty());
  CHECK(read_file(folder / "a", std::numeric_limits<std::size_t>::max()).size() == 5);

  const std::string large(300'000, 'q');  // Several reads, for a pipe at least.
  put(folder / "large", large);
  CHECK(read_file(folder / "large", 300'000) == bytes_of(large));
}

TEST_CASE("read_file refuses what it cannot read with one clear line", "[files]") {
  const Folder folder;
  put(folder / "a", "12345");
  const std::string missing = message_of([&] { read_file(folder / "none", 10); });
  CHECK(contains(missing, (folder / "none").string()));
  CHECK(contains(missing, "No such file"));
  CHECK(contains(message_of([&] { read_file(folder.path, 10); }), "directory"));
  CHECK(contains(message_of([&] { read_file(folder / "a/b", 10); }), "is a file, not a folder"));
  CHECK(contains(message_of([&] { read_file(folder / "a", 4); }), "larger than the 4 bytes"));
  CHECK_THROWS_AS(read_file("", 10), Error);
}

TEST_CASE("read_file stops at the limit where no size is known", "[files]") {
  if (::access("/dev/zero", R_OK) != 0) return skip("there is no /dev/zero");
  CHECK(contains(message_of([] { read_file("/dev/zero", 100'000); }), "larger than"));
  if (::access("/proc/self/status", R_OK) != 0) return skip("there is no /proc");
  CHECK(!read_file("/proc/self/status", 100'000).empty());  // Its stated size is 0.
}

TEST_CASE("write_file_atomically creates and replaces, and leaves nothing else", "[files]") {
  const Folder folder;
  write_file_atomically(folder / "new", bytes_of("first"));
  CHECK(get(folder / "new") == "first");
  write_file_atomically(folder / "new", bytes_of("2"));
  CHECK(get(folder / "new") == "2");
  write_file_atomically(folder / "new", {});
  CHECK(get(folder / "new").empty());
  CHECK(folder.entries() == 1);

  const std::string longest(255, 'n');  // As long as a name may be.
  write_file_atomically(folder.path / longest, bytes_of("x"));
  CHECK(get(folder.path / longest) == "x");
}

TEST_CASE("A written file has the permissions it had, or those of the umask", "[files]") {
  const Folder folder;
  const mode_t old = ::umask(027);
  write_file_atomically(folder / "new", bytes_of("x"));
  ::umask(old);
  const auto mode = [&](const char* name) {
    struct stat status {};
    REQUIRE(::stat((folder / name).c_str(), &status) == 0);
    return status.st_mode & 07777;
  };
  CHECK(mode("new") == 0640);
  REQUIRE(::chmod((folder / "new").c_str(), 0604) == 0);
  write_file_atomically(folder / "new", bytes_of("y"));
  CHECK(mode("new") == 0604);
}

TEST_CASE("A symbolic link stays, and its target is written", "[files]") {
  const Folder folder;
  fs::create_directory(folder / "sub");
  put(folder / "sub/real", "old");
  fs::create_symlink("sub/real", folder / "link");
  fs::create_symlink("link", folder / "second");
  write_file_atomically(folder / "second", bytes_of("new"));
  CHECK(fs::is_symlink(folder / "second"));
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(get(folder / "sub/real") == "new");

  fs::create_symlink("sub/later", folder / "dangling");
  write_file_atomically(folder / "dangling", bytes_of("made"));
  CHECK(get(folder / "sub/later") == "made");

  fs::create_symlink("round", folder / "round");
  CHECK_THROWS_AS(write_file_atomically(folder / "round", bytes_of("x")), Error);
}

TEST_CASE("A pipe or device is written straight and never renamed over", "[files]") {
  const Folder folder;
  const fs::path pipe = folder / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  write_file_atomically(pipe, bytes_of("through"));
  char text[16] = {};
  CHECK(::read(reader, text, sizeof text) == 7);
  CHECK(std::string(text) == "through");
  ::close(reader);
  CHECK(fs::is_fifo(pipe));
  CHECK(folder.entries() == 1);
}

TEST_CASE("write_file_atomically and require_writable refuse an impossible target", "[files]") {
  const Folder folder;
  put(folder / "file", "kept");
  fs::create_directory(folder / "folder");
  const auto refused = [](const fs::path& path) {
    const std::string early = message_of([&] { require_writable(path); });
    const std::string late = message_of([&] { write_file_atomically(path, bytes_of("x")); });
    CHECK(early == late);
    CHECK(contains(early, path.string()));
    return early;
  };
  CHECK(contains(refused(folder / "folder"), "Is a directory"));
  CHECK(contains(refused(folder / "folder/"), "Is a directory"));
  CHECK(contains(refused(folder / "later/"), "Is a directory"));
  CHECK(contains(refused(folder / "file/below"), "is a file, not a folder"));
  CHECK(contains(refused(folder / "none/file"), "create it first"));
  CHECK(contains(refused(""), "empty"));
  CHECK(contains(refused(folder.path / std::string(300, 'n')), "shorter name"));
  CHECK(get(folder / "file") == "kept");
  CHECK(folder.entries() == 2);
}

TEST_CASE("require_writable changes nothing", "[files]") {
  const Folder folder;
  put(folder / "file", "kept");
  require_writable(folder / "file");
  require_writable(folder / "new");
  CHECK(get(folder / "file") == "kept");
  CHECK(folder.entries() == 1);
}

TEST_CASE("Write protection is respected", "[files]") {
  const Folder folder;
  put(folder / "file", "kept");
  const Nobody nobody(folder);
  if (::geteuid() == 0) return skip("root, who may write anywhere, cannot become somebody else");
  fs::permissions(folder / "file", fs::perms::owner_read);
  CHECK(contains(message_of([&] { require_writable(folder / "file"); }), "permissions"));
  fs::permissions(folder.path, fs::perms::owner_read | fs::perms::owner_exec);
  CHECK(contains(message_of([&] { require_writable(folder / "new"); }), "permissions"));
  fs::permissions(folder.path, fs::perms::owner_all);
}

TEST_CASE("A write that fails half way leaves the old file and no other", "[files]") {
  const Folder folder;
  put(folder / "file", "old");
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit small = before;
  small.rlim_cur = 4096;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  std::string message;
  try {
    write_file_atomically(folder / "file", Bytes(100'000, 1));
  } catch (const Error& error) {
    message = error.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  CHECK(contains(message, "File too large"));
  CHECK(get(folder / "file") == "old");
  CHECK(folder.entries() == 1);
}
