// ONNX files with other weights: whatever is not a weight stays as it was, to the last byte.
#include <cmath>
#include <string>

#include "base/error.h"
#include "catch.h"
#include "data/float16.h"
#include "formats/onnx/model.h"
#include "formats/onnx/rewrite.h"
#include "formats/onnx/writer.h"
#include "golden_files.h"
#include "golden_networks.h"
#include "nn/graph/import.h"
#include "nn/graph/origins.h"
#include "onnx_models.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

// The model of a file of which every tensor has numbers made from its own by `change`.
Bytes changed(const Bytes& file, float (*change)(float)) {
  const OnnxModel model = parse_onnx(file, "a.onnx");
  std::map<std::pair<int, std::string>, std::vector<float>> numbers;
  for (const FileTensor& tensor : float_tensors(model)) {
    std::vector<float> values = values_of(model, tensor);
    for (float& value : values) value = change(value);
    numbers[{tensor.node, tensor.name}] = values;
  }
  const auto of = [&](int node, const std::string& name) {
    const auto found = numbers.find({node, name});
    return found == numbers.end() ? nullptr : &found->second;
  };
  return rewrite_onnx(file, of, {}, "a.onnx");
}

// One Gemm of three inputs and two outputs.
OnnxModel gemm(float alpha) {
  OnnxModel model;
  model.opset = 13;
  model.inputs = {{"image", true, {-1, 3}, 1}};
  model.outputs = {{"scores", true, {-1, 2}, 1}};
  model.constants["kernel"] = floats({3, 2}, {1, 2, 3, 4, 5, 6});
  model.constants["bias"] = floats({2}, {7, 8});
  model.nodes = {node("Gemm", {"image", "kernel", "bias"}, "scores")};
  model.nodes[0].attributes = {{.name = "alpha", .type = OnnxAttribute::kFloat, .number = alpha}};
  return model;
}

Origins origins_of(const OnnxModel& model) {
  return find_origins(model, import_onnx(model, "a.onnx"), "a.onnx");
}

}  // namespace

TEST_CASE("onnx rewrite: with the numbers that were there a file is the same to the last byte") {
  for (const std::string& network : golden_networks()) {
    INFO(network);
    const Bytes file = golden_file("onnx/" + network + ".onnx");
    CHECK(changed(file, [](float x) { return x; }) == file);
  }
}

TEST_CASE("onnx rewrite: other numbers are read back, in every type that tensors have") {
  // Halves are kept: so are their halves and doubles.
  const Bytes file = golden_file("onnx_tensors.onnx");
  const auto twice = [](float x) { return 2 * x; };
  const OnnxModel before = parse_onnx(file, "a"), after = parse_onnx(changed(file, twice), "a");
  REQUIRE(before.constants.size() == after.constants.size());
  int seen = 0;
  for (const auto& [name, tensor] : before.constants) {
    INFO(name);
    const OnnxTensor& other = *after.constants.at(name);
    CHECK(other.dims == tensor->dims);
    CHECK(other.wholes == tensor->wholes);
    for (std::size_t i = 0; i < tensor->floats.size(); ++i, ++seen) {
      const float factor = tensor->floats.size() > 1 ? 2 : 1;
      CHECK(other.floats[i] == factor * tensor->floats[i]);
    }
  }
  CHECK(seen > 10);
}

TEST_CASE("onnx rewrite: metadata of the same keys are replaced, others kept") {
  OnnxModel model = gemm(1);
  model.metadata = {{"author", "somebody"}, {"test_accuracy", "0.5"}};
  const auto none = [](int, const std::string&) -> const std::vector<float>* { return nullptr; };
  const Bytes file = rewrite_onnx(write_onnx(model), none,
                                  {{"test_accuracy", "0.75"}, {"trained_by", "us"}}, "a.onnx");
  CHECK(parse_onnx(file, "a.onnx").metadata ==
        std::map<std::string, std::string>{
            {"author", "somebody"}, {"test_accuracy", "0.75"}, {"trained_by", "us"}});
}

TEST_CASE("onnx origins: a turned kernel and its bias are followed back") {
  // The initialisers in order of their names: the bias is 0 and 1, the kernel 2 to 7.
  const Origins origins = origins_of(gemm(1));
  CHECK(origins == Origins{{2, 3, 4, 5, 6, 7}, {0, 1}});
  OnnxModel turned = gemm(1);
  turned.constants["kernel"] = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  turned.nodes[0].attributes = {{.name = "transB", .type = OnnxAttribute::kInt, .integer = 1}};
  CHECK(origins_of(turned) == Origins{{2, 5, 3, 6, 4, 7}, {0, 1}});
}

TEST_CASE("onnx origins: numbers that were worked out are not taken for copies") {
  // Twice a number of the file may be another number of the file.
  CHECK(origins_of(gemm(2)) == Origins{{}, {0, 1}});
  OnnxModel zeros = gemm(2);
  zeros.constants["kernel"] = floats({3, 2}, std::vector<float>(6));
  CHECK(origins_of(zeros) == Origins{{}, {0, 1}});
}

TEST_CASE("onnx origins: of every golden network all numbers are followed back or none") {
  for (const std::string& network : golden_networks()) {
    INFO(network);
    const OnnxModel model = parse_onnx(golden_file("onnx/" + network + ".onnx"), network);
    const Graph graph = import_onnx(model, network);
    const Origins origins = find_origins(model, graph, network);
    REQUIRE(origins.size() == graph.weights.size());
    std::vector<float> numbers;
    for (const FileTensor& tensor : float_tensors(model)) {
      const std::vector<float>& own = values_of(model, tensor);
      numbers.insert(numbers.end(), own.begin(), own.end());
    }
    for (std::size_t w = 0; w < origins.size(); ++w) {
      CHECK((origins[w].empty() || origins[w].size() == graph.weights[w].size));
      for (std::size_t i = 0; i < origins[w].size(); ++i) {
        CHECK(numbers[origins[w][i]] == graph.values[graph.weights[w].offset + i]);
      }
    }
  }
}
