// Linear models of scikit-learn as skl2onnx writes them: logits and gradients are those that
// scikit-learn's own numbers have in double precision, and other forms are refused in words.
#include <functional>

#include "catch.h"
#include "compare.h"
#include "formats/onnx/writer.h"
#include "golden_files.h"
#include "model/graph_classifier.h"
#include "nn/graph/import.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

constexpr int kImages = 12, kFeatures = 6;

const std::vector<float>& expected(const std::string& name) {
  static const Safetensors all = golden_safetensors("scikit_learn/expected.safetensors");
  for (const NamedTensor& tensor : all.tensors) {
    if (tensor.name == name) return tensor.values;
  }
  throw std::runtime_error("no " + name);
}

std::string file_of(const std::string& name) { return "scikit_learn/" + name + ".onnx"; }

OnnxModel model_of(const std::string& name) {
  return parse_onnx(golden_file(file_of(name)), name + ".onnx");
}

std::string refusal(const std::string& name, const std::function<void(OnnxModel&)>& change) {
  OnnxModel model = model_of(name);
  change(model);
  return refusal_of([&] { import_onnx(std::move(model), "a.onnx"); });
}

OnnxNode& node(OnnxModel& model, const std::string& op) {
  for (OnnxNode& one : model.nodes) {
    if (one.op == op) return one;
  }
  throw std::runtime_error("no " + op);
}

OnnxAttribute& attribute(OnnxNode& one, const std::string& name) {
  for (OnnxAttribute& own : one.attributes) {
    if (own.name == name) return own;
  }
  throw std::runtime_error("no " + name);
}

}  // namespace

TEST_CASE("scikit_learn: logits and gradients are scikit-learn's") {
  const Eigen::Map<const Matrix> images(expected("images").data(), kImages, kFeatures);
  for (const std::string name :
       {"logistic", "logistic_no_zipmap", "logistic_raw", "logistic_binary", "svm", "svm_binary",
        "standard", "min_max", "l1", "l2"}) {
    INFO(name);
    const GraphClassifier model(read_onnx_graph(golden_file(file_of(name)), name), name);
    const int classes = model.spec().classes;
    REQUIRE(model.spec().input == Shape{1, 1, kFeatures});
    CHECK(classes == (name.ends_with("binary") ? 2 : 3));
    Matrix logits, gradient;
    const LogitGradient objective = [classes](float* d, const float*, int, int n) {
      const float weights[] = {1, -2, 0.5F};
      for (int i = 0; i < n; ++i) std::copy_n(weights, classes, d + i * classes);
    };
    model.gradients({&gradient, 1}, &logits, images, {&objective, 1});
    const std::vector<float> read(logits.data(), logits.data() + logits.size());
    const std::vector<float> slopes(gradient.data(), gradient.data() + gradient.size());
    CHECK(relative_difference(read, expected(name + "_logits")) < 1e-5);
    CHECK(relative_difference(slopes, expected(name + "_gradient")) < 1e-5);
  }
}

TEST_CASE("scikit_learn: a network of zeros stays zeros where it is divided by its norm") {
  const GraphClassifier model(read_onnx_graph(golden_file(file_of("l2")), "l2"), "l2");
  CHECK(model.logits(Matrix::Zero(1, kFeatures)).allFinite());
}

TEST_CASE("scikit_learn: other forms are refused in words") {
  const auto classifier = [](const std::function<void(OnnxNode&)>& change) {
    return refusal("logistic", [&](OnnxModel& model) { change(node(model, "LinearClassifier")); });
  };
  const std::string begins = "a.onnx: node '";
  const auto ends = [&](const std::string& told, const std::string& what) {
    INFO(told);
    CHECK(told.starts_with(begins));
    CHECK(told.ends_with(what));
  };
  CHECK(classifier([](OnnxNode&) {}) == "accepted");
  ends(classifier([](OnnxNode& one) { attribute(one, "post_transform").text = "PROBIT"; }),
       "gives its scores in a form that is not supported");
  ends(classifier([](OnnxNode& one) { attribute(one, "coefficients").numbers.pop_back(); }),
       "has coefficients of another size than two classes or more by its features");
  ends(classifier([](OnnxNode& one) { attribute(one, "intercepts").numbers.push_back(1); }),
       "has another number of intercepts than of classes");
  ends(classifier([](OnnxNode& one) {
         attribute(one, "classlabels_ints").integers = {1, 2, 3};
       }),
       "has classes of other numbers than 0, 1, 2 and so on; export it fitted on such");
  ends(classifier([](OnnxNode& one) { one.outputs.pop_back(); }),
       "gives labels alone; export it with its scores or probabilities");
  ends(refusal("logistic",
               [](OnnxModel& model) {
                 OnnxNode more = node(model, "Normalizer");
                 more.op = "Exp";
                 more.domain.clear();
                 more.outputs = {"more"};
                 model.nodes.push_back(more);
               }),
       "(Exp) works on a classifier's scores, which is not supported");
  ends(refusal("logistic",
               [](OnnxModel& model) {
                 OnnxNode more = node(model, "LinearClassifier");
                 more.outputs = {"a", "b"};
                 model.nodes.push_back(more);
               }),
       "is a second classifier; one is read");
  ends(refusal(
           "standard",
           [](OnnxModel& model) { attribute(node(model, "Scaler"), "scale").numbers.pop_back(); }),
       "has another number of scales than of features");
  ends(refusal("l1",
               [](OnnxModel& model) { attribute(node(model, "Normalizer"), "norm").text = "MAX"; }),
       "divides by another norm than L1 or L2");
  ends(refusal("standard", [](OnnxModel& model) { node(model, "Scaler").op = "Imputer"; }),
       "operator 'Imputer' is none of these: LinearClassifier, Normalizer, Scaler");
}
