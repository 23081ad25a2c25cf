#include "native/landscape_model.h"

#include "base/error.h"
#include "model/graph_classifier.h"
#include "model/model_json.h"
#include "model/network_classifier.h"
#include "model/preprocessed.h"
#include "native/classifier.h"

namespace inoculate {
namespace {

std::unique_ptr<WeightedModel> weights_of_json(ByteView file, const std::string& name) {
  const JsonModel json = parse_model_json(file, name);
  const auto* linear = std::get_if<Linear>(&json.model);
  if (linear == nullptr) throw Error("has no weights that could be changed");
  return weighted_model(graph_of(*linear));
}

std::unique_ptr<WeightedModel> weights_of(const Classifier& model,
                                          const std::filesystem::path& path) {
  const std::string name = path.string();
  const auto* prepares = dynamic_cast<const PreprocessedClassifier*>(&model);
  const Classifier& bare = prepares == nullptr ? model : prepares->network();
  if (const auto* own = dynamic_cast<const NetworkClassifier*>(&bare)) {
    return weighted_model(own->network());
  }
  const ModelFile file = read_model_file(path);
  try {
    return file.is_json ? weights_of_json(file.bytes, name)
                        : weighted_model(read_onnx_graph(file.bytes, name));
  } catch (const Error& error) {
    const std::string text = error.what();
    throw text.starts_with("has ") ? Error(name + ": " + text) : error;
  }
}

}  // namespace

Matrix LandscapeModel::prepared(const Matrix& images) const {
  const auto* prepares = dynamic_cast<const PreprocessedClassifier*>(model.get());
  return prepares == nullptr ? images : inoculate::prepared(prepares->map(), images);
}

LandscapeModel load_landscape_model(const std::filesystem::path& path, ModelNotes* notes) {
  LandscapeModel loaded{path.stem().string(), load_classifier(path, notes), nullptr};
  loaded.weights = weights_of(*loaded.model, path);
  return loaded;
}

}  // namespace inoculate
