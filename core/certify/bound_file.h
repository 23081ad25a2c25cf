// What a file's certificates are of: its network as a graph, behind its preprocessing.
#pragma once

#include <string>

#include "certify/bound_graph.h"
#include "model/classifier.h"
#include "train/classifier_file.h"

namespace inoculate {

/// The graph of `model`, which read_classifier read from the file at `path`. Throws Error for what
/// is no network or linear model, and where an operator cannot be bounded.
BoundGraph bound_graph_of(const std::string& path, const Classifier& model,
                          const FileReader& reader);

}  // namespace inoculate
