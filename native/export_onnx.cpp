#include "native/export_onnx.h"

#include <functional>
#include <iostream>
#include <memory>
#include <utility>

#include "base/error.h"
#include "base/rng.h"
#include "data/file_kind.h"
#include "formats/onnx/writer.h"
#include "model/graph_classifier.h"
#include "model/model_json.h"
#include "model/onnx_export.h"
#include "native/commands.h"
#include "native/files.h"
#include "native/model.h"
#include "native/output.h"
#include "native/text.h"
#include "nn/inference.h"

namespace inoculate {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 26;

// A model as ONNX, and how it is asked as it is.
struct Exported {
  OnnxModel model;
  std::function<Matrix(const Matrix&)> logits;
};

Exported exported(const std::string& name) {
  const Bytes file = read_file(name, kLargestFile);
  const auto kind = file_kind(file);
  if (kind && kind->name == "an ONNX model") throw Error(name + ": is an ONNX model already");
  if (!name.ends_with(".json") && !(kind && kind->name == "JSON")) {
    const Safetensors weights = read_safetensors(name);
    const auto network = std::make_shared<Network>(model_of(weights, name));
    return {onnx_model(*network, weights.metadata),
            [network](const Matrix& images) { return predict_logits(*network, images); }};
  }
  JsonModel parsed = parse_model_json(file, name);
  const auto* linear = std::get_if<Linear>(&parsed.model);
  if (linear == nullptr) {
    throw Error(name +
                ": is a decision tree, which cannot be written as ONNX; networks and linear models "
                "can");
  }
  if (!parsed.class_names.empty()) {
    std::string& lines = parsed.metadata["classes"];
    lines.clear();
    for (const std::string& one : parsed.class_names) lines += one + '\n';
  }
  const auto model = std::make_shared<GraphClassifier>(graph_of(*linear), name);
  try {
    return {onnx_model(*linear, parsed.metadata),
            [model](const Matrix& images) { return model->logits(images); }};
  } catch (const Error& error) {
    throw Error(name + ": " + error.what());
  }
}

// Of the logits of images of noise, as a part of the largest of them.
double largest_difference(const Exported& before, const GraphClassifier& after) {
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
      largest_difference(converted, GraphClassifier(read_onnx_graph(file, out), out));
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
