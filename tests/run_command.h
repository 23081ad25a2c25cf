// The built command as users run it: a process with arguments, an environment and three streams.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <csignal>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/idx.h"
#include "golden_files.h"
#include "paths.h"

namespace inoculate {

/// A folder of its own for one test, gone afterwards.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

  /// Everything in it by its path from here; folders have no content.
  std::map<std::string, Bytes> content() const;

 private:
  std::filesystem::path path_;
};

void write_whole_file(const std::string& path, ByteView content);
void write_whole_file(const std::string& path, const std::string& content);

/// What a run left.
struct CommandResult {
  int exit_code = -1;  ///< -1 when a signal ended it
  int signal = 0;      ///< which ended it, 0 if none
  std::string out;
  std::string err;
};

/// How a run differs from a plain one.
struct CommandSettings {
  std::map<std::string, std::string> environment;  ///< set besides what this process has
  std::string folder;                              ///< to run in; empty: this process's own
  std::optional<rlim_t> file_size_limit;           ///< as ulimit -f, in bytes
  std::string interrupt_at;                        ///< as soon as this stands on stderr, at_mark
                                                   ///< is called and `signals` are sent
  std::vector<int> signals{SIGINT};
  std::function<void()> at_mark;
  std::vector<int> ignored;              ///< signals that the process ignores from its start
  std::function<void(pid_t)> meanwhile;  ///< runs in a thread of its own beside the process
  std::string out_path;                  ///< stdout goes here instead of to `out`
};

/// Runs a program, `words` from its path on, to its end. INOCULATE_DATA is unset unless the
/// settings set it. Signals do what they do by default, whatever this process does with them.
/// Throws when the process cannot be started or takes over five minutes.
CommandResult run_process(std::vector<std::string> words, const CommandSettings& settings = {});

/// run_process of `inoculate` with `arguments`.
CommandResult run_command(const std::vector<std::string>& arguments,
                          const CommandSettings& settings = {});

/// run_process of a shell that is given `script`, as a user pastes it.
CommandResult run_shell(const std::string& script, const CommandSettings& settings = {});

std::string golden_model();

/// Images `indices` of the 10,000 of the sample.
Dataset sample_images(const std::vector<std::int32_t>& indices);

/// Writes `dataset` to `folder` as the IDX files of the split named `prefix` ("train", "t10k").
void write_split(const std::string& folder, const std::string& prefix, const Dataset& dataset);

inline constexpr int kSmallTrain = 600;
inline constexpr int kSmallTest = 200;

/// The first 200 images of the golden thousand, which are the test images of small_data().
Dataset small_test();

/// Writes a small data set to `folder`: 600 training images, and small_test().
void write_small_data(const std::string& folder);

/// The folder of one small data set for all tests of this process; nobody may write to it.
const std::string& small_data();

}  // namespace inoculate
