// ONNX files of our own networks: our reader, which is held to PyTorch, gives their logits, and
// onnxruntime read these very bytes (tests/golden/README.md).
#include "model/onnx_export.h"

#include <zlib.h>

#include "base/error.h"
#include "catch.h"
#include "compare.h"
#include "data/idx.h"
#include "formats/onnx/writer.h"
#include "golden_files.h"
#include "golden_images.h"
#include "model/graph_classifier.h"
#include "model/model_json.h"
#include "model/network_classifier.h"
#include "networks.h"
#include "refusal_of.h"
#include "train/model_file.h"

using namespace inoculate;

namespace {

// Sums of up to 3,136 products in another order.
constexpr double kRounding = 3e-6;

GraphClassifier read_back(const OnnxModel& model) {
  return GraphClassifier(read_onnx_graph(write_onnx(model), "a.onnx"), "a.onnx");
}

std::vector<float> values(const Matrix& matrix) {
  return {matrix.data(), matrix.data() + matrix.size()};
}

// What is wrong with the file of a network, by our own reader.
double difference_after(const Network& network) {
  const GraphClassifier model = read_back(onnx_model(network, {}));
  CHECK(model.spec().input == network.architecture().input);
  const Matrix images = RandomData(3).images(9, network.input_size());
  return relative_difference(values(model.logits(images)),
                             values(NetworkClassifier(network).logits(images)));
}

struct Exported {
  std::string name;
  OnnxModel model;
};

// What onnxruntime was given, as inoculate convert makes it.
std::vector<Exported> exported() {
  const Safetensors weights = golden_safetensors("keras_simple_cnn.safetensors");
  const JsonModel svm = parse_model_json(golden_file("sklearn/svm.json"), "svm.json");
  return {{"simple_cnn", onnx_model(network_of(weights, "a"), weights.metadata)},
          {"svm", onnx_model(graph_of(std::get<Linear>(svm.model)), svm.metadata)}};
}

}  // namespace

TEST_CASE("onnx_export: onnxruntime read these bytes, and gave our logits") {
  const auto golden = golden_json("onnx_export.json");
  const Safetensors logits = golden_safetensors("onnx_export.safetensors");
  std::size_t next = 0;
  for (const auto& [name, model] : exported()) {
    INFO(name);
    const Bytes file = write_onnx(model);
    CHECK(file.size() == golden[name]["bytes"].get<std::size_t>());
    CHECK(crc32(0, file.data(), static_cast<uInt>(file.size())) ==
          golden[name]["crc32"].get<unsigned long>());
    const NamedTensor& expected = logits.tensors.at(next++);
    REQUIRE(expected.name == name);
    const Matrix images = golden_images(static_cast<int>(expected.shape[0]));
    CHECK(largest_difference(values(read_back(model).logits(images)), expected.values) < 1e-5);
    if (name == "simple_cnn") {
      const Network network = network_of(golden_safetensors("keras_simple_cnn.safetensors"), "a");
      CHECK(largest_difference(values(NetworkClassifier(network).logits(images)), expected.values) <
            1e-5);
    }
  }
}

TEST_CASE("onnx_export: our own reader gives the network's logits") {
  CHECK(difference_after(random_network(tiny_network())) < kRounding);
  CHECK(difference_after(random_network(simple_cnn())) < kRounding);
  CHECK(difference_after(random_network(mlp(30))) < kRounding);
  CHECK(difference_after(random_network(logistic_regression())) < kRounding);
  // Strides that leave rows and columns out, kernels of even size, and one pixel wide.
  const Architecture odd{"odd",
                         {11, 5, 3},
                         {ConvSpec{"a", 6, 4, 3}, ReluSpec{}, ConvSpec{"b", 7, 1, 2},
                          BatchNormSpec{"c"}, DenseSpec{"d", 3}, DropoutSpec{0.5F}}};
  CHECK(difference_after(random_network(odd)) < kRounding);
  const Architecture features{
      "features", {1, 1, 12}, {DenseSpec{"a", 8}, ReluSpec{}, DenseSpec{"b", 2}}};
  CHECK(difference_after(random_network(features)) < kRounding);
}

TEST_CASE("onnx_export: the file says what it is and how it was trained") {
  const OnnxModel model = parse_onnx(
      write_onnx(onnx_model(random_network(simple_cnn()), {{"test_accuracy", "0.99"}})), "a.onnx");
  CHECK(model.opset == 13);
  CHECK(model.metadata == std::map<std::string, std::string>{{"architecture", "simple_cnn"},
                                                             {"test_accuracy", "0.99"}});
  REQUIRE(model.inputs.size() == 1);
  CHECK(model.inputs[0].name == "image");
  CHECK(model.inputs[0].dims == Sizes{-1, 1, 28, 28});
  REQUIRE(model.outputs.size() == 1);
  CHECK(model.outputs[0].name == "logits");
  CHECK(model.outputs[0].dims == Sizes{-1, 10});
  std::string operators;
  for (const OnnxNode& node : model.nodes) operators += node.op + ' ';
  CHECK(operators ==
        "Conv Relu BatchNormalization Conv Relu BatchNormalization Flatten Gemm Relu "
        "BatchNormalization Dropout Gemm ");
  CHECK(model.nodes[0].name == "conv1");
  CHECK(model.nodes[0].attribute("pads")->integers == Sizes{0, 0, 1, 1});
}

TEST_CASE("onnx_export: images whose channels nobody could tell are refused") {
  Linear linear{{5, 3, 8}, 2, std::vector<float>(240), {0, 0}};
  CHECK(refusal_of([&] { onnx_model(graph_of(linear), {}); }) ==
        "cannot be written as ONNX: images of 8 channels and 3 columns would be read as those of 3 "
        "channels");
}

TEST_CASE("onnx_export: what was read from another's file is written as it was") {
  for (const std::string name : {"resnet", "shufflenet", "operators", "keras_like"}) {
    INFO(name);
    const OnnxModel model = parse_onnx(golden_file("onnx/" + name + ".onnx"), name);
    const OnnxModel again = parse_onnx(write_onnx(model), name);
    CHECK(write_onnx(again) == write_onnx(model));
    const GraphClassifier before(read_onnx_graph(golden_file("onnx/" + name + ".onnx"), name),
                                 name);
    const Matrix images = RandomData(2).images(2, before.spec().input.size());
    CHECK(read_back(model).logits(images) == before.logits(images));
  }
}

TEST_CASE("onnx_export: an attribute that is not understood is not written") {
  OnnxModel model = onnx_model(graph_of(Linear{{1, 1, 1}, 2, {1, 2}, {0, 0}}), {});
  model.nodes[0].attributes.push_back({.name = "body", .type = 5});
  CHECK(refusal_of([&] { write_onnx(model); }) == "the attribute 'body' cannot be written as ONNX");
  model.nodes[0].attributes.back().type = OnnxAttribute::kTensor;
  CHECK(refusal_of([&] { write_onnx(model); }) == "the attribute 'body' cannot be written as ONNX");
}
