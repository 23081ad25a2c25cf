#include "native/mnist.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "base/error.h"
#include "native/commands.h"
#include "native/files.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 28;  // five times MNIST's largest, raw

}  // namespace

std::filesystem::path find_data(const std::string& given) {
  const char* environment = std::getenv("INOCULATE_DATA");
  std::filesystem::path folder = "data/mnist";
  if (!given.empty()) {
    refuse_dash(given);
    folder = given;
  } else if (environment != nullptr && *environment != '\0') {
    folder = environment;
  }
  if (std::filesystem::is_regular_file(folder)) {
    throw Error(folder.string() +
                ": is a file; give the folder of MNIST's four files with --data or "
                "INOCULATE_DATA, not one of them");
  }
  if (!std::filesystem::is_directory(folder)) {
    throw Error(folder.string() +
                ": there is no such data folder; give one with --data or INOCULATE_DATA, or let "
                "./run train fetch MNIST");
  }
  return folder;
}

Dataset load_split(const std::filesystem::path& folder, Split split, const DataForm& form) {
  const auto images = find_idx_file(folder, split, IdxPart::kImages);
  const auto labels = find_idx_file(folder, split, IdxPart::kLabels);
  return make_dataset(read_file(images, kLargestFile), images.string(),
                      read_file(labels, kLargestFile), labels.string(), form);
}

Option add_count_option(Command command, CountOption& count, const std::string& what) {
  std::string text = what + "; 0: all";
  if (count.usual > 0) text += "; if not given " + std::to_string(count.usual) + ", or all";
  return command.add_option("--count", count.given, text).within(0, kMostImages);
}

int CountOption::of(int there, const std::string& things) const {
  if (given && *given > there) {
    throw UsageError(std::string(name) + " " + std::to_string(*given) + ": there are only " +
                     std::to_string(there) + " " + things);
  }
  return value() == 0 ? there : std::min(value(), there);
}

ImageRange choose(int size, int start, const CountOption& count) {
  if (start >= size) {
    throw UsageError("--start " + std::to_string(start) + ": there are only " +
                     std::to_string(size) + " images");
  }
  const int wanted = count.of(
      size - start, start == 0 ? "images" : "images from " + std::to_string(start) + " on");
  return {start, start + wanted};
}

LabelledImages all_images(const Dataset& dataset) {
  std::vector<std::int32_t> indices(static_cast<std::size_t>(dataset.size()));
  std::iota(indices.begin(), indices.end(), 0);
  LabelledImages all;
  gather(dataset, indices, all.images, all.labels);
  return all;
}

}  // namespace inoculate
