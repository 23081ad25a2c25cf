#include "run_command.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>

namespace inoculate {

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "inoculate-command-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::map<std::string, Bytes> TemporaryFolder::content() const {
  std::map<std::string, Bytes> all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
    Bytes& bytes = all[std::filesystem::relative(entry.path(), path_).string()];
    if (entry.is_regular_file()) bytes = read_whole_file(entry.path().string());
  }
  return all;
}

void write_whole_file(const std::string& path, ByteView content) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(content.data()),
             static_cast<std::streamsize>(content.size()));
  if (!file.flush()) throw std::runtime_error(path + " cannot be written");
}

void write_whole_file(const std::string& path, const std::string& content) {
  write_whole_file(path, Bytes(content.begin(), content.end()));
}

CommandResult run_process(std::vector<std::string> words, const CommandSettings& settings) {
  // All that allocates happens before the fork: other threads may hold locks.
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    const std::string name = text.substr(0, text.find('='));
    if (name != "INOCULATE_DATA" && !settings.environment.contains(name)) variables.push_back(text);
  }
  for (const auto& [name, value] : settings.environment) variables.push_back(name + "=" + value);
  const auto pointers = [](std::vector<std::string>& strings) {
    std::vector<char*> all;
    for (std::string& string : strings) all.push_back(string.data());
    all.push_back(nullptr);
    return all;
  };
  std::vector<char*> argv = pointers(words);
  std::vector<char*> envp = pointers(variables);

  std::array<int, 2> out{};
  std::array<int, 2> err{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0) {
    throw std::runtime_error("no pipe");
  }
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("no process");
  if (child == 0) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE}) ::signal(signal, SIG_DFL);
    for (const int signal : settings.ignored) ::signal(signal, SIG_IGN);
    const int nothing = ::open("/dev/null", O_RDONLY);
    const int stdout_end =
        settings.out_path.empty() ? out[1] : ::open(settings.out_path.c_str(), O_WRONLY);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = settings.file_size_limit.value_or(limit.rlim_cur);
    if ((!settings.folder.empty() && ::chdir(settings.folder.c_str()) != 0) || nothing < 0 ||
        stdout_end < 0 || ::setrlimit(RLIMIT_FSIZE, &limit) != 0 || ::dup2(nothing, 0) < 0 ||
        ::dup2(stdout_end, 1) < 0 || ::dup2(err[1], 2) < 0) {
      ::_exit(126);
    }
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(err[1]);

  std::thread beside;
  if (settings.meanwhile) beside = std::thread(settings.meanwhile, child);
  CommandResult result;
  bool interrupted = settings.interrupt_at.empty();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5);
  std::array<pollfd, 2> streams{{{out[0], POLLIN, 0}, {err[0], POLLIN, 0}}};
  while (streams[0].fd >= 0 || streams[1].fd >= 0) {
    if (std::chrono::steady_clock::now() > deadline) ::kill(child, SIGKILL);
    ::poll(streams.data(), streams.size(), 1000);
    for (std::size_t i = 0; i < streams.size(); ++i) {
      if (streams[i].fd < 0 || streams[i].revents == 0) continue;
      std::array<char, 4096> buffer{};
      const ssize_t got = ::read(streams[i].fd, buffer.data(), buffer.size());
      if (got <= 0) {
        ::close(streams[i].fd);
        streams[i].fd = -1;
        continue;
      }
      (i == 0 ? result.out : result.err).append(buffer.data(), static_cast<std::size_t>(got));
    }
    if (!interrupted && result.err.find(settings.interrupt_at) != std::string::npos) {
      interrupted = true;
      if (settings.at_mark) settings.at_mark();
      for (const int signal : settings.signals) ::kill(child, signal);
    }
  }
  if (beside.joinable()) beside.join();
  int status = 0;
  ::waitpid(child, &status, 0);
  if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("took too long");
  if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  return result;
}

CommandResult run_command(const std::vector<std::string>& arguments,
                          const CommandSettings& settings) {
  std::vector<std::string> words{command_path()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return run_process(std::move(words), settings);
}

CommandResult run_shell(const std::string& script, const CommandSettings& settings) {
  return run_process({"/bin/sh", "-c", script}, settings);
}

std::string golden_model() { return in_source("/tests/golden/keras_simple_cnn.safetensors"); }

Dataset sample_images(const std::vector<std::int32_t>& indices) {
  const std::string base = in_sample("/sample-");
  static const Dataset all = make_dataset(read_whole_file(base + "images-idx3-ubyte"), "images",
                                          read_whole_file(base + "labels-idx1-ubyte"), "labels");
  Dataset some;
  for (const std::int32_t i : indices) {
    const Dataset one = slice(all, i, i + 1);
    some.pixels.insert(some.pixels.end(), one.pixels.begin(), one.pixels.end());
    some.labels.push_back(one.labels[0]);
  }
  return some;
}

void write_split(const std::string& folder, const std::string& prefix, const Dataset& dataset) {
  write_whole_file(folder + "/" + prefix + "-images-idx3-ubyte",
                   write_idx_images({dataset.size(), 28, 28, dataset.pixels}));
  write_whole_file(folder + "/" + prefix + "-labels-idx1-ubyte", write_idx_labels(dataset.labels));
}

Dataset small_test() {
  std::vector<std::int32_t> indices;
  for (int i = 0; i < kSmallTest; ++i) indices.push_back(7 * i);
  return sample_images(indices);
}

void write_small_data(const std::string& folder) {
  std::vector<std::int32_t> indices;
  for (int i = 0; i < kSmallTrain; ++i) indices.push_back(7 * i + 1);
  std::filesystem::create_directories(folder);
  write_split(folder, "train", sample_images(indices));
  write_split(folder, "t10k", small_test());
}

const std::string& small_data() {
  static const TemporaryFolder folder;
  static const std::string path = folder.path().string();
  static const bool written = (write_small_data(path), true);
  (void)written;
  return path;
}

}  // namespace inoculate
