#include "native/classifier.h"

#include "data/file_kind.h"
#include "model/graph_classifier.h"
#include "model/model_json.h"
#include "model/network_classifier.h"
#include "native/files.h"
#include "native/model.h"
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

std::unique_ptr<Classifier> load_classifier(const std::filesystem::path& path) {
  const std::string name = path.string();
  const ModelFile file = read_model_file(path);
  if (file.is_onnx) {
    return std::make_unique<GraphClassifier>(read_onnx_graph(file.bytes, name), name);
  }
  if (file.is_json) return read_model_json(file.bytes, name);
  const Safetensors weights = safetensors_of(file.bytes, path);
  return std::make_unique<NetworkClassifier>(model_of(weights, path), name,
                                             promised_accuracy_of(weights));
}

}  // namespace inoculate
