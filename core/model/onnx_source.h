// An ONNX file whose numbers are trained: which of them, and the file with others in their place.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "nn/graph/graph.h"
#include "nn/graph/origins.h"

namespace inoculate {

class OnnxSource {
 public:
  /// Sets `graph` to what the file holds, with the roles that its weights have in training: trained
  /// are the weights of its layers, and constants that meet what a layer gives (biases, scales,
  /// positions). Only what stands in the file as it is used can be; what the file works out, and
  /// single numbers, stay as they are. `name` is the file's, for messages. Throws Error for a bad
  /// file and for one of which nothing can be trained, or not without changing something else.
  OnnxSource(Bytes file, std::string name, Graph& graph);

  const std::string& name() const { return name_; }
  /// The nodes that have weights of a layer that are not trained.
  const std::vector<std::string>& left_out() const { return left_out_; }

  /// The file with the weights of a graph of the same form, rounded where its tensors have fewer
  /// bits, and these entries of metadata. Throws Error where a number is beyond its tensor's type.
  Bytes written(const Graph& graph, const std::map<std::string, std::string>& metadata) const;

  /// Where numbers of the file stand in several places of the parameters, which lie one behind the
  /// other from the beginning of Graph::values: the places of each.
  std::vector<std::vector<std::size_t>> ties(const Graph& graph) const;

  /// What a file that written() gave is read as.
  Graph read(ByteView file) const;

 private:
  void choose(Graph& graph);
  void require_separate(const Graph& graph) const;
  void require_writable(const Graph& graph) const;

  Bytes file_;
  std::string name_;
  std::vector<FileTensor> tensors_;
  std::vector<float> numbers_;  // of the tensors, all in one row
  Origins origins_;             // of the graph's weights in these
  std::vector<std::string> left_out_;
};

/// Whether all weights of two graphs of the same form are the same numbers.
bool same_numbers(const Graph& a, const Graph& b);

}  // namespace inoculate
