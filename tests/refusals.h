// What tests of bad input share: that the command refuses in one line, and files with faults.
#pragma once

#include <zlib.h>

#include <functional>

#include "command_checks.h"
#include "native/png.h"

namespace inoculate {

inline Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

inline Bytes part_of(const Bytes& bytes, std::size_t size) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

/// Checks that the command refuses with `code` and with one line that holds all of `words`, and
/// leaves what is in `folder` as it is.
inline void check_refused(const TemporaryFolder& folder, const Arguments& arguments, int code,
                          const std::vector<std::string>& words, CommandSettings settings = {}) {
  if (settings.folder.empty()) settings.folder = folder.path().string();
  const auto before = folder.content();
  const CommandResult result = run_command(arguments, settings);
  INFO("stderr: " << result.err);
  CHECK(result.signal == 0);
  CHECK(result.exit_code == code);
  CHECK(result.out.empty());
  CHECK(result.err.starts_with("inoculate: "));
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
  CHECK(result.err.ends_with("\n"));
  CHECK(std::none_of(result.err.begin(), result.err.end() - 1,
                     [](char c) { return c >= 0 && c < ' '; }));
  for (const std::string& word : words) {
    INFO("wanted: " << word);
    CHECK(contains(result.err, word));
  }
  const auto after = folder.content();
  for (const auto& [name, content] : after) {
    INFO(name);
    CHECK(before.contains(name));
  }
  for (const auto& [name, content] : before) {
    INFO(name);
    CHECK(after.contains(name));
    CHECK((after.contains(name) && after.at(name) == content));
  }
}

/// An attack that would replace one file and make another.
inline Arguments attack(const std::string& model, const std::string& data) {
  return {"attack",  "fgsm", "--model", model,     "--data",  data,
          "--count", "20",   "--out",   "old.npy", "--sheet", "new.png"};
}

/// A file with the old result of a run.
inline void put_old_output(const TemporaryFolder& folder) {
  write_whole_file(folder / "old.npy", "an old result");
}

/// zlib's gzip of `content`: no code of ours.
inline Bytes gzip(const Bytes& content) {
  z_stream stream{};
  constexpr int kGzip = 16 + 15;
  if (deflateInit2(&stream, 6, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("no zlib");
  }
  Bytes packed(deflateBound(&stream, content.size()) + 64);
  stream.next_in = const_cast<Bytef*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw std::runtime_error("zlib failed");
  return packed;
}

inline void put_be32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) {
    bytes.at(at + i) = static_cast<std::uint8_t>(value >> (24 - 8 * i));
  }
}

inline Bytes small_png() {
  Canvas canvas(40, 40, {255, 255, 255});
  canvas.fill_rect({18, 8, 4, 24}, {0, 0, 0});
  return write_png(canvas);
}

/// A file's fault: its name as a sentence, its bytes, and what the message must say.
struct FileFault {
  std::string name;
  std::function<Bytes()> bytes;
  std::vector<std::string> words;
};

}  // namespace inoculate
