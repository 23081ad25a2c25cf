#include "train/classifier_file.h"

#include <filesystem>
#include <utility>

#include "base/error.h"
#include "data/file_kind.h"
#include "formats/onnx/model.h"
#include "model/graph_classifier.h"
#include "model/model_json.h"
#include "model/neighbours_file.h"
#include "model/network_classifier.h"
#include "model/preprocessed.h"
#include "nn/graph/import.h"
#include "train/model_file.h"

namespace inoculate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargestModel = std::size_t{1} << 30;
constexpr std::size_t kLargestNotes = std::size_t{1} << 24;

// A part of an ensemble is no ensemble: so no file can lead back to itself.
std::unique_ptr<Classifier> load(const std::string& name, const FileReader& reader,
                                 ModelNotes* notes, bool is_part) {
  ModelFile file = read_model_file(name, reader);
  ModelNotes known = notes != nullptr ? *notes : ModelNotes{};
  std::unique_ptr<Classifier> model;
  if (file.is_onnx) {
    OnnxModel onnx = parse_onnx(file.bytes, name);
    file.bytes = {};  // large networks fill memory
    for (const std::string& note : onnx.notes) {
      if (reader.tell) reader.tell(name + ": " + note);
    }
    known = known_notes(known, name, onnx.metadata, reader);
    model = std::make_unique<GraphClassifier>(import_onnx(std::move(onnx), name), name);
  } else if (file.is_json) {
    const LoadPart load_part = [&](const std::string& part) {
      return load((fs::path(name).parent_path() / part).string(), reader, nullptr, true);
    };
    model = read_model_json(file.bytes, name, is_part ? nullptr : load_part);
  } else {
    Safetensors weights = parse_safetensors(file.bytes, name);
    file.bytes = {};
    if (reader.look_at) reader.look_at(weights, name);
    if (is_neighbours_file(weights)) {
      model = read_neighbours(std::move(weights), name);
    } else if (is_generator_file(weights)) {
      throw Error(name +
                  ": is a generator, which sorts nothing into classes; give it to --purify, "
                  "or to attack generator");
    } else {
      model = std::make_unique<NetworkClassifier>(network_of(weights, name), name,
                                                  promised_accuracy_of(weights));
    }
  }
  if (notes != nullptr) *notes = known;
  if (known.empty()) return model;
  return std::make_unique<PreprocessedClassifier>(std::move(model), known);
}

}  // namespace

ModelFile read_model_file(const std::string& path, const FileReader& reader) {
  ModelFile file{reader.read(path, kLargestModel)};
  const auto kind = file_kind(file.bytes);
  const fs::path ending = fs::path(path).extension();
  file.is_onnx = ending == ".onnx" || (kind && kind->name == "an ONNX model");
  file.is_json = ending == ".json" || (kind && kind->name == "JSON");
  return file;
}

std::string notes_file(const std::string& model, const FileReader& reader) {
  fs::path path = model;
  if (path.extension() != ".onnx") return {};
  const std::string beside = path.replace_extension(".json").string();
  return reader.exists(beside) ? beside : std::string();
}

ModelNotes known_notes(const ModelNotes& said, const std::string& model,
                       const std::map<std::string, std::string>& metadata,
                       const FileReader& reader) {
  const ModelNotes own = notes_of_metadata(metadata, model);
  const std::string path = notes_file(model, reader);
  if (path.empty()) return either(said, own);
  const Bytes file = reader.read(path, kLargestNotes);
  const std::string name = path + ", which lies beside the model";
  return either(said, either(parse_notes(std::string(file.begin(), file.end()), name), own));
}

std::unique_ptr<Classifier> read_classifier(const std::string& path, const FileReader& reader,
                                            ModelNotes* notes) {
  return load(path, reader, notes, false);
}

Generator read_perturber(const std::string& path, const FileReader& reader) {
  Generator generator =
      generator_of(parse_safetensors(reader.read(path, kLargestModel), path), path);
  require_perturber(generator);
  return generator;
}

void require_perturber(const Generator& generator) {
  if (generator.sizes.kind == GeneratorKind::kAdvgan) return;
  throw Error(generator.name +
              ": makes images, not perturbations; give a generator that train-generator --kind "
              "advgan made");
}

}  // namespace inoculate
