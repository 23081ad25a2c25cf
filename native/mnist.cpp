#include "native/mnist.h"

#include <cstdlib>
#include <numeric>

#include "base/error.h"
#include "native/commands.h"
#include "native/files.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 28;  // five times MNIST's largest, raw

std::filesystem::path find_file(const std::filesystem::path& folder, const std::string& name) {
  for (const std::string suffix : {"", ".gz"}) {
    const auto path = folder / (name + suffix);
    if (std::filesystem::exists(path)) return path;
  }
  throw Error((folder / name).string() +
              ": no such file, raw or .gz; give the folder of MNIST's four files with --data, or "
              "let ./run train fetch them");
}

}  // namespace

std::filesystem::path find_data(const std::string& given) {
  const char* environment = std::getenv("INOCULATE_DATA");
  std::filesystem::path folder = "data/mnist";
  if (!given.empty()) {
    folder = given;
  } else if (environment != nullptr && *environment != '\0') {
    folder = environment;
  }
  if (!std::filesystem::is_directory(folder)) {
    throw Error(folder.string() +
                ": no such folder of data; give one with --data or INOCULATE_DATA, or let "
                "./run train fetch MNIST");
  }
  return folder;
}

Dataset load_split(const std::filesystem::path& folder, Split split) {
  const std::string prefix = split == Split::kTrain ? "train" : "t10k";
  const auto images = find_file(folder, prefix + "-images-idx3-ubyte");
  const auto labels = find_file(folder, prefix + "-labels-idx1-ubyte");
  return make_dataset(read_file(images, kLargestFile), images.string(),
                      read_file(labels, kLargestFile), labels.string());
}

Dataset select(const Dataset& dataset, int start, int count) {
  const std::string there = ": there are only " + std::to_string(dataset.size()) + " images";
  if (start >= dataset.size()) throw UsageError("--start " + std::to_string(start) + there);
  if (count > dataset.size() - start) {
    throw UsageError("--count " + std::to_string(count) + there +
                     (start > 0 ? ", " + std::to_string(dataset.size() - start) + " of them from " +
                                      std::to_string(start) + " on"
                                : ""));
  }
  return slice(dataset, start, start + count);
}

LabelledImages all_images(const Dataset& dataset) {
  std::vector<std::int32_t> indices(static_cast<std::size_t>(dataset.size()));
  std::iota(indices.begin(), indices.end(), 0);
  LabelledImages all;
  gather(dataset, indices, all.images, all.labels);
  return all;
}

}  // namespace inoculate
