// Operators of ONNX's domain ai.onnx.ml, as skl2onnx writes linear models of scikit-learn, and what
// is left out of such a file before it is read.
#pragma once

#include <string>
#include <vector>

#include "nn/graph/import.h"

namespace inoculate {

/// The domain's operators that are read, by name.
const std::vector<Operator>& scikit_learn_operators();

/// Where a model has a LinearClassifier, takes its scores for the model's output, and drops what
/// makes labels of them or gives them another form: they are the logits, whatever follows. Throws
/// Error, which names the node, where something else follows, or there are several.
void keep_scores(OnnxModel& model, const std::string& file);

Value read_linear_classifier(Import&), read_normalizer(Import&), read_scaler(Import&);

}  // namespace inoculate
