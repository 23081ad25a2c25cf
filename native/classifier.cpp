#include "native/classifier.h"

#include "base/error.h"
#include "data/file_kind.h"
#include "formats/onnx/model.h"
#include "model/generator.h"
#include "model/graph_classifier.h"
#include "model/model_json.h"
#include "model/neighbours_file.h"
#include "model/network_classifier.h"
#include "model/preprocessed.h"
#include "native/files.h"
#include "native/model.h"
#include "native/preprocess_options.h"
#include "nn/graph/import.h"
#include "train/model_file.h"

namespace inoculate {

ModelFile read_model_file(const std::filesystem::path& path) {
  constexpr std::size_t kLargestFile = std::size_t{1} << 30;
  ModelFile file{read_file(path, kLargestFile)};
  const auto kind = file_kind(file.bytes);
  file.is_onnx = path.extension() == ".onnx" || (kind && kind->name == "an ONNX model");
  file.is_json = path.extension() == ".json" || (kind && kind->name == "JSON");
  return file;
}

namespace {

// A part of an ensemble is no ensemble: so no file can lead back to itself.
std::unique_ptr<Classifier> load(const std::filesystem::path& path, ModelNotes* notes,
                                 bool is_part) {
  const std::string name = path.string();
  ModelFile file = read_model_file(path);
  ModelNotes known = notes != nullptr ? *notes : ModelNotes{};
  std::unique_ptr<Classifier> model;
  if (file.is_onnx) {
    OnnxModel onnx = parse_onnx(file.bytes, name);
    file.bytes = {};  // large networks fill memory
    known = known_notes(known, path, onnx.metadata);
    model = std::make_unique<GraphClassifier>(import_onnx(std::move(onnx), name), name);
  } else if (file.is_json) {
    const LoadPart load_part = [&](const std::string& part) {
      return load(path.parent_path() / part, nullptr, true);
    };
    model = read_model_json(file.bytes, name, is_part ? nullptr : load_part);
  } else {
    Safetensors weights = safetensors_of(file.bytes, path);
    file.bytes = {};
    if (is_neighbours_file(weights)) {
      model = read_neighbours(std::move(weights), name);
    } else if (is_generator_file(weights)) {
      throw Error(name +
                  ": is a generator, which sorts nothing into classes; give it to --purify, "
                  "or to attack generator");
    } else {
      model = std::make_unique<NetworkClassifier>(model_of(weights, path), name,
                                                  promised_accuracy_of(weights));
    }
  }
  if (notes != nullptr) *notes = known;
  if (known.empty()) return model;
  return std::make_unique<PreprocessedClassifier>(std::move(model), known);
}

}  // namespace

std::unique_ptr<Classifier> load_classifier(const std::filesystem::path& path, ModelNotes* notes) {
  return load(path, notes, false);
}

}  // namespace inoculate
