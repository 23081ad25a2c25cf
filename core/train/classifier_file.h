// Models of any kind out of files, which a front end reads.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "data/bytes.h"
#include "data/safetensors.h"
#include "model/classifier.h"
#include "model/generator.h"
#include "model/model_notes.h"

namespace inoculate {

/// How a front end reads the files that a model consists of. The engine itself touches none.
struct FileReader {
  /// The bytes of a file of at most `most` bytes. Throws Error where it cannot be read.
  std::function<Bytes(const std::string& path, std::size_t most)> read;
  std::function<bool(const std::string& path)> exists;
  /// Is shown a file of weights before it is made a network of, and may refuse it. May be empty.
  std::function<void(const Safetensors&, const std::string& path)> look_at{};
  /// Tells the user what was decided or changed while reading. May be empty.
  std::function<void(const std::string&)> tell{};
};

/// The bytes of a model's file, and whether they or its name are an ONNX network's or JSON's;
/// otherwise they are taken for weights.
struct ModelFile {
  Bytes bytes;
  bool is_onnx = false, is_json = false;
};
ModelFile read_model_file(const std::string& path, const FileReader& reader);

/// The JSON beside an ONNX network's file (net.json beside net.onnx); empty if there is none.
std::string notes_file(const std::string& model, const FileReader& reader);

/// What is said of the ONNX network in the file `model`: by the user, else by the JSON beside it,
/// else by its metadata. Throws Error, which names the file.
ModelNotes known_notes(const ModelNotes& said, const std::string& model,
                       const std::map<std::string, std::string>& metadata,
                       const FileReader& reader);

/// The model of a file, whatever kind it is of: our own weights or nearest neighbours
/// (.safetensors), an ONNX network, or a linear model, decision tree or ensemble (.json), behind
/// its preprocessing. `notes`, unless null, has what the user says of the model, and then also what
/// the JSON beside an ONNX file says, or else its metadata. The spec's name is the path as it was
/// given. Throws Error when the file is none of these, is bad, or holds what the engine cannot
/// compute, and for notes that are bad or do not fit.
std::unique_ptr<Classifier> read_classifier(const std::string& path, const FileReader& reader,
                                            ModelNotes* notes = nullptr);

/// The generator of a safetensors file that makes perturbations (an AdvGAN), for the attack
/// `generator`. Throws Error, also for one that makes images.
Generator read_perturber(const std::string& path, const FileReader& reader);

/// Throws Error unless the generator makes perturbations.
void require_perturber(const Generator& generator);

}  // namespace inoculate
