// A classifier of any form: a graph, such as that of an ONNX file.
#pragma once

#include <string>

#include "data/bytes.h"
#include "model/classifier.h"
#include "nn/graph/plan.h"

namespace inoculate {

/// Reads an ONNX file's bytes; `name` is the file's, for messages and ModelSpec::name. Throws
/// Error.
Graph read_onnx_graph(ByteView file, const std::string& name);

class GraphClassifier : public Classifier {
 public:
  /// Valid pixels are 0..1: the network is taken to do its own preprocessing.
  GraphClassifier(Graph graph, std::string name, std::vector<std::string> class_names = {});

  const ModelSpec& spec() const override { return spec_; }
  const Graph& graph() const { return plan_.graph(); }
  Matrix logits(ConstMatrixRef images) const override;
  void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                 std::span<const LogitGradient> objectives) const override;

 private:
  Plan plan_;
  ModelSpec spec_;
};

}  // namespace inoculate
