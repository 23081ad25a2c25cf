// Nearest neighbours as a file: safetensors with the training images, whose metadata say
// `kind: knn` (docs/models.md).
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/safetensors.h"
#include "model/neighbours.h"

namespace inoculate {

/// Whether a safetensors file says that it is one.
bool is_neighbours_file(const Safetensors& file);

/// The classifier of a file that says so; `name` is its name for messages. Throws Error, which says
/// what is wrong.
std::unique_ptr<NeighboursClassifier> read_neighbours(Safetensors file, const std::string& name);

/// The file of a model, in which pixels that 8-bit pictures have take two bytes, others four.
/// `metadata` says how it was made; what the model needs is added.
Bytes write_neighbours(const Neighbours& model, std::map<std::string, std::string> metadata);

}  // namespace inoculate
