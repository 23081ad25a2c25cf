#include "native/export_onnx.h"

#include <iostream>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/rng.h"
#include "formats/onnx/writer.h"
#include "model/graph_classifier.h"
#include "model/model_json.h"
#include "model/network_classifier.h"
#include "model/onnx_export.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/model.h"
#include "native/output.h"
#include "native/text.h"

namespace inoculate {
namespace {

// A model as ONNX, and as it is.
struct Exported {
  OnnxModel model;
  std::unique_ptr<Classifier> before;
};

Exported exported(const std::string& name) {
  const ModelFile file = read_model_file(name);
  if (file.is_onnx) throw Error(name + ": is an ONNX model already");
  if (!file.is_json) {
    const Safetensors weights = safetensors_of(file.bytes, name);
    Network network = model_of(weights, name);
    return {onnx_model(network, weights.metadata),
            std::make_unique<NetworkClassifier>(std::move(network))};
  }
  JsonModel parsed = parse_model_json(file.bytes, name);
  const auto* linear = std::get_if<Linear>(&parsed.model);
  if (linear == nullptr) {
    throw Error(
        name +
        ": is a decision tree or an ensemble, which cannot be written as ONNX; networks and "
        "linear models can");
  }
  if (!parsed.class_names.empty()) {
    std::string& lines = parsed.metadata["classes"];
    lines.clear();
    for (const std::string& one : parsed.class_names) lines += one + '\n';
  }
  try {
    return {onnx_model(graph_of(*linear), parsed.metadata),
            std::make_unique<GraphClassifier>(graph_of(*linear), name)};
  } catch (const Error& error) {
    throw Error(name + ": " + error.what());
  }
}

// Of the logits of images of noise, as a part of the largest of them.
double largest_difference(const Classifier& before, const Classifier& after) {
  Matrix images(16, after.spec().input.size());
  Rng rng(1);
  for (Eigen::Index i = 0; i < images.size(); ++i)
    images.data()[i] = static_cast<float>(rng.uniform());
  const Matrix expected = before.logits(images);
  const double largest = expected.cwiseAbs().maxCoeff();
  const double difference = (expected - after.logits(images)).cwiseAbs().maxCoeff();
  return difference == 0 ? 0 : difference / largest;
}

}  // namespace

void export_onnx(const std::string& model, const std::string& out, bool json) {
  const Exported converted = exported(model);
  const Bytes file = write_onnx(converted.model);
  const double difference =
      largest_difference(*converted.before, GraphClassifier(read_onnx_graph(file, out), out));
  write_file_atomically(out, file);
  if (json) {
    print_object(Json{{"bytes", file.size()}, {"largest_relative_difference", difference}});
  } else {
    std::cout << out << ": ONNX, " << file.size()
              << " bytes; read back, its logits of images of noise differ by at most "
              << exact(static_cast<float>(difference)) << " of the largest\n";
  }
}

}  // namespace inoculate
