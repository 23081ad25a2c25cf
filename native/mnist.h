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

/// Images as the network takes them, with their labels.
struct LabelledImages {
  Matrix images;  // [N, 784]
  Labels labels;
};

/// All of a data set as floats.
LabelledImages all_images(const Dataset& dataset);

}  // namespace inoculate
