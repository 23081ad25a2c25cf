// Models of any kind as files.
#pragma once

#include <filesystem>
#include <memory>

#include "data/bytes.h"
#include "model/classifier.h"
#include "model/model_notes.h"

namespace inoculate {

/// The model of a file, whatever kind it is of: our own weights or nearest neighbours
/// (.safetensors), an ONNX network, or a linear model, decision tree or ensemble (.json), behind
/// its preprocessing. `notes`, unless null, has what the user says of the model, and then also what
/// the JSON beside an ONNX file says, or else its metadata. The spec's name is the path as it was
/// given. Throws Error when the file is none of these, is bad, or holds what the engine cannot
/// compute, and for notes that are bad or do not fit.
std::unique_ptr<Classifier> load_classifier(const std::filesystem::path& path,
                                            ModelNotes* notes = nullptr);

/// The bytes of a model's file, and whether they or its name are an ONNX network's or JSON's;
/// otherwise they are taken for weights.
struct ModelFile {
  Bytes bytes;
  bool is_onnx = false, is_json = false;
};
ModelFile read_model_file(const std::filesystem::path& path);

/// What --model takes, for the help of commands that load it so.
inline constexpr const char* kModelFiles =
    "Weights or neighbours (.safetensors), a network (.onnx), or a linear model, tree or ensemble "
    "(.json)";

}  // namespace inoculate
