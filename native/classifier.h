// Models of any kind as files.
#pragma once

#include <filesystem>
#include <memory>

#include "train/classifier_file.h"

namespace inoculate {

/// The command's files, for what train/classifier_file.h reads. It tells notes about weights.
const FileReader& model_files();

/// read_classifier of a file on the disk.
std::unique_ptr<Classifier> load_classifier(const std::filesystem::path& path,
                                            ModelNotes* notes = nullptr);

/// read_model_file of a file on the disk.
ModelFile read_model_file(const std::filesystem::path& path);

/// What --model takes, for the help of commands that load it so.
inline constexpr const char* kModelFiles =
    "Weights or neighbours (.safetensors), a network (.onnx), or a linear model, tree or ensemble "
    "(.json)";

}  // namespace inoculate
