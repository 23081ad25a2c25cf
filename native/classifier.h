// Models of any kind as files.
#pragma once

#include <filesystem>
#include <memory>

#include "data/bytes.h"
#include "model/classifier.h"

namespace inoculate {

/// The model of a file, whatever kind it is of: our own weights (.safetensors), an ONNX network, or
/// a linear model or decision tree (.json). Its spec's name is the path as it was given. Throws
/// Error when the file is none of these, is bad, or holds what the engine cannot compute.
std::unique_ptr<Classifier> load_classifier(const std::filesystem::path& path);

/// The bytes of a model's file, and whether they or its name are an ONNX network's or JSON's;
/// otherwise they are taken for weights.
struct ModelFile {
  Bytes bytes;
  bool is_onnx = false, is_json = false;
};
ModelFile read_model_file(const std::filesystem::path& path);

/// What --model takes, for the help of commands that load it so.
inline constexpr const char* kModelFiles =
    "Weights (.safetensors), a network (.onnx), or a linear model or decision tree (.json)";

}  // namespace inoculate
