// Fuzz targets on bytes that once failed, on small seeds, and on thousands of damaged ones: in all
// builds, so also where size_t has 32 bits.
#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "catch.h"
#include "fuzz/target.h"
#include "golden_files.h"
#include "random_data.h"

using namespace inoculate;

namespace {

/// The files of a folder in tests/fuzz, in the order of their names; none where there is no folder.
std::vector<Bytes> files_of(const std::string& folder) {
  namespace fs = std::filesystem;
  const fs::path path = in_source("/tests/fuzz/") + folder;
  std::vector<std::string> names;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::directory_iterator(path)) names.push_back(entry.path().string());
  }
  std::sort(names.begin(), names.end());
  std::vector<Bytes> files;
  for (const std::string& name : names) files.push_back(read_whole_file(name));
  return files;
}

Bytes damaged(Bytes bytes, const Bytes& other, RandomData& random) {
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(random.below(static_cast<int>(std::max<std::size_t>(n, 1))));
  };
  for (std::size_t changes = 1 + below(4); changes > 0 && !bytes.empty(); --changes) {
    const std::size_t at = below(bytes.size());
    const std::size_t length = std::min(1 + below(24), bytes.size() - at);
    const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(at);
    switch (below(6)) {
      case 0:  // another byte
        bytes[at] = static_cast<std::uint8_t>(below(256));
        break;
      case 1:  // a bit, which changes numbers and lengths little or much
        bytes[at] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      case 2:  // the largest number of a field
        std::fill_n(begin, length, 0xFF);
        break;
      case 3: {  // a piece of another file
        const std::size_t from = below(other.size());
        std::copy_n(other.begin() + static_cast<std::ptrdiff_t>(from),
                    std::min(length, other.size() - from), begin);
        break;
      }
      case 4: {  // a piece twice
        const Bytes piece(begin, begin + static_cast<std::ptrdiff_t>(length));
        bytes.insert(begin, piece.begin(), piece.end());
        break;
      }
      default:  // an end
        if (below(8) == 0) bytes.resize(at);
    }
  }
  return bytes;
}

}  // namespace

TEST_CASE("bytes that once made a reader fail are read or refused") {
  for (const auto& [name, run] : fuzz::targets()) {
    DYNAMIC_SECTION(name) {
      run({});
      for (const Bytes& file : files_of("regressions/" + name)) CHECK_NOTHROW(run(file));
    }
  }
}

TEST_CASE("of the seeds of each target some are taken to the end") {
  // These give their bytes to several readers, of which one or another refuses them.
  const std::set<std::string> of_several{"gzip", "idx",           "native_runs", "notes",
                                         "npy",  "page_settings", "weights"};
  for (const auto& [name, run] : fuzz::targets()) {
    if (of_several.contains(name)) continue;
    INFO(name);
    int taken = 0;
    for (const Bytes& seed : files_of("seeds/" + name)) {
      const int before = fuzz::refusals;
      run(seed);
      if (fuzz::refusals == before) ++taken;
    }
    CHECK(taken > 0);
  }
}

TEST_CASE("seeds, sound and damaged, are read or refused") {
  constexpr int kRounds = 200;
  for (const auto& [name, run] : fuzz::targets()) {
    DYNAMIC_SECTION(name) {
      const std::vector<Bytes> seeds = files_of("seeds/" + name);
      REQUIRE(!seeds.empty());
      for (const Bytes& seed : seeds) CHECK_NOTHROW(run(seed));
      RandomData random(1);
      for (int round = 0; round < kRounds; ++round) {
        const Bytes& seed = seeds[static_cast<std::size_t>(round) % seeds.size()];
        const auto other = static_cast<std::size_t>(random.below(static_cast<int>(seeds.size())));
        const Bytes bytes = damaged(seed, seeds[other], random);
        INFO("round " << round);
        CHECK_NOTHROW(run(bytes));
      }
    }
  }
}
