// Models of other kinds than networks as JSON files, which docs/models.md describes and
// tools/sklearn_model.py makes of what scikit-learn has fitted.
#pragma once

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

/// What a file holds.
struct JsonModel {
  std::variant<Linear, Tree> model;
  std::vector<std::string> class_names;         ///< printable; none: the classes are their numbers
  std::map<std::string, std::string> metadata;  ///< how it was made
};

/// Reads a file; `name` is its name for messages. Throws Error, which says where, for what is none
/// of these. Sizes and numbers have been checked then, but not whether a tree's nodes are one tree.
JsonModel parse_model_json(ByteView file, const std::string& name);

/// The classifier of a file. Throws Error.
std::unique_ptr<Classifier> read_model_json(ByteView file, const std::string& name);

}  // namespace inoculate
