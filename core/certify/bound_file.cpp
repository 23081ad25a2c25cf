#include "certify/bound_file.h"

#include <utility>
#include <variant>

#include "base/error.h"
#include "certify/preprocessed_graph.h"
#include "model/graph_classifier.h"
#include "model/linear.h"
#include "model/model_json.h"
#include "model/network_classifier.h"
#include "model/network_graph.h"
#include "model/preprocessed.h"
#include "nn/graph/import.h"

namespace inoculate {
namespace {

// A graph that only answers has not kept its numbers as the file has them: they are read again.
Graph graph_of_file(const std::string& path, const Classifier& network, const FileReader& reader) {
  if (const auto* own = dynamic_cast<const NetworkClassifier*>(&network)) {
    return graph_of(own->network());
  }
  if (dynamic_cast<const GraphClassifier*>(&network) != nullptr) {
    const ModelFile file = read_model_file(path, reader);
    if (file.is_onnx) return read_onnx_graph(file.bytes, path);
    const JsonModel json = parse_model_json(file.bytes, path);
    if (const auto* linear = std::get_if<Linear>(&json.model)) return graph_of(*linear);
  }
  throw Error(path + ": is " + kind_name(network.spec().kind) +
              ", of which only --method smoothing can certify anything; the others need a network "
              "or a linear model");
}

}  // namespace

BoundGraph bound_graph_of(const std::string& path, const Classifier& model,
                          const FileReader& reader) {
  const auto* prepares = dynamic_cast<const PreprocessedClassifier*>(&model);
  const Classifier& network = prepares == nullptr ? model : prepares->network();
  Graph graph = graph_of_file(path, network, reader);
  if (prepares != nullptr) graph = with_preprocessing(std::move(graph), prepares->map());
  return BoundGraph(std::move(graph), path);
}

}  // namespace inoculate
