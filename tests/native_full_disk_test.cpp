// Disks that are full: told, with every file left as it was. Not every machine has the device that
// is always full, and only root may mount a small disk, and not in every container.
#include <sys/mount.h>
#include <unistd.h>

#include "base/error.h"
#include "catch.h"
#include "native/files.h"
#include "refusals.h"
#include "skip.h"

using namespace inoculate;

namespace {

/// A disk of 64 kB at `path`, while it lives; none where this may not be mounted.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    fs::create_directory(path_);
#ifdef __linux__
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=64k") == 0;
#endif
  }
  ~SmallDisk() {
#ifdef __linux__
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
#endif
  }
  bool mounted() const { return mounted_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  bool mounted_ = false;
};

constexpr const char* kNoDevice = "there is no /dev/full";
constexpr const char* kNoDisk = "no disk can be mounted here; root may, outside of containers";

bool has_full_device() { return ::access("/dev/full", W_OK) == 0; }

std::string message_of_writing(const std::string& path, std::size_t size) {
  try {
    write_file_atomically(path, Bytes(size, 1));
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

Arguments attack_to(const std::string& out) {
  return {"attack",       "fgsm",    "--data", small_data(), "--model",
          golden_model(), "--count", "100",    "--out",      out};
}

}  // namespace

TEST_CASE("a file is not written to the device that is always full", "[files]") {
  if (!has_full_device()) return skip(kNoDevice);
  CHECK(contains(message_of_writing("/dev/full", 1), "free some space"));
}

TEST_CASE("a full disk leaves the old file and no other", "[files]") {
  const TemporaryFolder folder;
  const SmallDisk disk(folder / "disk");
  if (!disk.mounted()) return skip(kNoDisk);
  write_whole_file(disk / "file", "old");
  CHECK(contains(message_of_writing(disk / "file", 200'000), "No space left"));
  const Bytes content = read_whole_file(disk / "file");
  CHECK(std::string(content.begin(), content.end()) == "old");
  CHECK(std::distance(fs::directory_iterator(disk.path()), fs::directory_iterator()) == 1);
}

TEST_CASE("the command tells of the device that is always full", "[command]") {
  if (!has_full_device()) return skip(kNoDevice);
  const TemporaryFolder folder;
  const Arguments predict = {"predict", "--data", small_data(), "--model", golden_model()};
  check_refused(folder, attack_to("/dev/full"), 1, {"/dev/full", "No space left"});
  check_refused(folder, with(predict, {"--logits", "/dev/full"}), 1,
                {"/dev/full", "No space left"});
  CommandSettings settings;
  settings.out_path = "/dev/full";
  check_refused(folder, predict, 1, {"standard output"}, settings);
}

TEST_CASE("the command tells of a full disk, and an old file stays as it was", "[command]") {
  const TemporaryFolder folder;
  const SmallDisk disk(folder / "disk");
  if (!disk.mounted()) return skip(kNoDisk);
  write_whole_file(disk / "old", "kept");
  check_refused(folder, attack_to(disk / "old"), 1, {disk / "old", "No space left"});
  check_refused(folder, attack_to(disk / "new"), 1, {disk / "new", "No space left"});
}
