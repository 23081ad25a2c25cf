// Models of other kinds than networks as JSON files, which docs/models.md describes and
// tools/sklearn_model.py makes of what scikit-learn has fitted.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "data/bytes.h"
#include "model/classifier.h"
#include "model/linear.h"
#include "model/tree.h"

namespace inoculate {

/// Models that vote (model/ensemble.h), by the names of their files.
struct EnsembleParts {
  /// Relative to the folder of the ensemble's own file, in it or below: "a.json", "parts/b.onnx".
  std::vector<std::string> files;
};

/// What a file holds.
struct JsonModel {
  std::variant<Linear, Tree, EnsembleParts> model;
  std::vector<std::string> class_names;         ///< printable; none: the classes are their numbers
  std::map<std::string, std::string> metadata;  ///< how it was made
};

/// Reads a file; `name` is its name for messages. Throws Error, which says where, for what is none
/// of these. Sizes and numbers have been checked then, but not whether a tree's nodes are one tree.
JsonModel parse_model_json(ByteView file, const std::string& name);

/// Loads a part of an ensemble, as EnsembleParts::files names it.
using LoadPart = std::function<std::unique_ptr<Classifier>(const std::string& file)>;

/// The classifier of a model, called `name`. Throws Error, also for an ensemble where there is no
/// `load_part`.
std::unique_ptr<Classifier> classifier_of(JsonModel model, const std::string& name,
                                          const LoadPart& load_part = nullptr);

/// The same of a file.
std::unique_ptr<Classifier> read_model_json(ByteView file, const std::string& name,
                                            const LoadPart& load_part = nullptr);

/// The file of a model, for people to read: a line a row of weights or a node.
Bytes write_model_json(const JsonModel& model);

}  // namespace inoculate
