// Where the command finds its data.
#pragma once

#include <filesystem>
#include <string>

#include "data/dataset.h"

namespace inoculate {

enum class Split { kTrain, kTest };

/// The folder of IDX files: `given` (from --data) if it is not empty, else $INOCULATE_DATA, else
/// data/mnist. Throws Error when it is no folder.
std::filesystem::path find_data(const std::string& given);

/// The images and labels of a split: the files are named as MNIST's are (train-images-idx3-ubyte
/// and so on), raw or with .gz. Throws Error when one is missing or bad.
Dataset load_split(const std::filesystem::path& folder, Split split);

/// Most images that --start or --count may name: IDX files hold fewer.
inline constexpr int kMostImages = 1'000'000'000;

/// A copy of `count` images (1 or more) from `start` (0 or more) on, as --start and --count name
/// them. Throws UsageError when there are fewer.
Dataset select(const Dataset& dataset, int start, int count);

/// Images as the network takes them, with their labels.
struct LabelledImages {
  Matrix images;  // [N, 784]
  Labels labels;
};

/// All of a data set as floats.
LabelledImages all_images(const Dataset& dataset);

}  // namespace inoculate
