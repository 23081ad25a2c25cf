// A classifier of any form: a graph, such as that of an ONNX file.
#pragma once

#include <functional>
#include <list>
#include <mutex>
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
  GraphClassifier(Graph graph, std::string name, std::vector<std::string> class_names = {},
                  ModelKind kind = ModelKind::kOther);

  const ModelSpec& spec() const override { return spec_; }
  /// As the file has it, without its numbers.
  const Graph& graph() const { return graph_; }
  Matrix logits(ConstMatrixRef images) const override;
  void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                 std::span<const LogitGradient> objectives) const override;

 private:
  // Memory of the passes that are under way; what is given back waits for the next one.
  class Borrowed;

  void for_each_slice(int count, Passes passes,
                      const std::function<void(Plan::Workspace&, int begin, int n)>& body) const;

  Graph graph_;
  Plan plan_;
  mutable std::mutex mutex_;
  mutable std::list<Plan::Workspace> idle_;
  ModelSpec spec_;
};

}  // namespace inoculate
