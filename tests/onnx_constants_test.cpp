// What is worked out of a file's constants while it is read. Expected values are onnxruntime's, or
// for the batch what holds for any number of images.
#include "base/error.h"
#include "catch.h"
#include "compare.h"
#include "formats/onnx/model.h"
#include "model/graph_classifier.h"
#include "nn/graph/constants.h"
#include "nn/graph/import.h"
#include "onnx_builder.h"
#include "onnx_models.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

OnnxTensor typed(int type, std::vector<std::int64_t> numbers) {
  OnnxTensor tensor = *wholes(std::move(numbers));
  tensor.type = type;
  return tensor;
}

OnnxTensor worked_out(const std::string& op, const std::vector<OnnxTensor>& inputs,
                      std::vector<OnnxAttribute> attributes = {}) {
  OnnxNode operation = node(op, {}, "result");
  operation.attributes = std::move(attributes);
  std::vector<const OnnxTensor*> pointers;
  for (const OnnxTensor& input : inputs) pointers.push_back(&input);
  return *evaluate_constants(operation, pointers)[0];
}

std::string refusal(const std::string& op, const std::vector<OnnxTensor>& inputs,
                    std::vector<OnnxAttribute> attributes = {}) {
  return refusal_of([&] { worked_out(op, inputs, std::move(attributes)); });
}

// A dense layer of the image whose scores are added to, or multiplied by, what is worked out of
// how many images there are.
std::string refusal_of_batch(const std::vector<OnnxNode>& steps) {
  OnnxModel model;
  model.opset = 17;
  model.inputs = {{"image", true, {-1, 6}, 1}};
  model.outputs = {{"scores", true, {-1, 3}, 1}};
  model.constants["matrix"] = floats({6, 3}, std::vector<float>(18, 0.5F));
  model.constants["one"] = wholes({1});
  model.constants["three"] = wholes({3});
  model.constants["zero"] = wholes({0});
  model.nodes = {node("Shape", {"image"}, "shape"), node("Gather", {"shape", "zero"}, "count"),
                 node("MatMul", {"image", "matrix"}, "product")};
  model.nodes.insert(model.nodes.end(), steps.begin(), steps.end());
  return refusal_of([&] { import_onnx(model, "a.onnx"); });
}

}  // namespace

TEST_CASE("onnx constants: remainders have the sign that the file asks for") {
  const OnnxTensor a = *floats({6}, {-5.5F, 5.5F, 3, -3, -7, 8});
  const OnnxTensor b = *floats({6}, {3, 3, 3, 3, 3, -3});
  CHECK(worked_out("Mod", {a, b}, {integer("fmod", 1)}).floats ==
        std::vector<float>{-2.5F, 2.5F, 0, 0, -1, 2});
  const OnnxTensor c = *wholes({-7, 7, -7, 7}), d = *wholes({3, -3, -3, 3});
  CHECK(worked_out("Mod", {c, d}).wholes == std::vector<std::int64_t>{2, -2, -1, 1});
  CHECK(worked_out("Mod", {c, d}, {integer("fmod", 1)}).wholes ==
        std::vector<std::int64_t>{-1, 1, -1, 1});
}

TEST_CASE("onnx constants: a power is of its base's kind") {
  const OnnxTensor of_wholes = worked_out("Pow", {*wholes({2, 3}), *floats({1}, {1.5F})});
  CHECK(of_wholes.whole);
  CHECK(of_wholes.wholes == std::vector<std::int64_t>{2, 5});  // 2.83 and 5.20
  CHECK_FALSE(worked_out("Pow", {*floats({1}, {2}), *wholes({3})}).whole);
}

TEST_CASE("onnx constants: what a type of whole numbers does not hold is refused") {
  const std::string expected = "works out a whole number that its type does not hold";
  const auto with = [](int type, std::int64_t number) { return typed(type, {number}); };
  CHECK(refusal("Sub", {with(OnnxTensor::kUint8, 3), with(OnnxTensor::kUint8, 5)}) == expected);
  CHECK(refusal("Mul", {with(OnnxTensor::kInt32, 1 << 20), with(OnnxTensor::kInt32, 1 << 11)}) ==
        expected);
  CHECK(worked_out("Mul", {with(OnnxTensor::kInt64, 1 << 20), with(OnnxTensor::kInt64, 1 << 11)})
            .wholes[0] == std::int64_t{1} << 31);
  CHECK(refusal("Cast", {*floats({1}, {300})}, {integer("to", OnnxTensor::kUint8)}) == expected);
  CHECK(worked_out("Cast", {*floats({2}, {255.9F, -0.9F})}, {integer("to", OnnxTensor::kUint8)})
            .wholes == std::vector<std::int64_t>{255, 0});
  CHECK(worked_out("Cast", {typed(OnnxTensor::kInt64, {INT64_MAX, INT64_MIN})},
                   {integer("to", OnnxTensor::kInt64)})
            .wholes == std::vector<std::int64_t>{INT64_MAX, INT64_MIN});
}

TEST_CASE("onnx constants: what depends on how many images there are is refused") {
  const std::string expected = "works with how many images there are";
  const std::vector<OnnxNode> scaled{node("Mul", {"product", "number"}, "scores")};
  const auto refused = [&](std::vector<OnnxNode> steps) {
    OnnxNode cast = node("Cast", {steps.back().outputs[0]}, "number");
    cast.attributes = {integer("to", 1)};
    steps.push_back(cast);
    steps.insert(steps.end(), scaled.begin(), scaled.end());
    return refusal_of_batch(steps);
  };
  for (const char* op : {"Equal", "Min", "Max", "Greater", "Less", "Add", "Sub", "Div", "Mod"}) {
    INFO(op);
    CHECK(refused({node(op, {"count", "three"}, "worked")}).find(expected) != std::string::npos);
  }
  CHECK(refused({node("Identity", {"count"}, "worked")}).find(expected) != std::string::npos);
  CHECK(refusal_of_batch({node("Slice", {"product", "zero", "count", "one"}, "scores")}) ==
        "a.onnx: node 'the_Slice' (Slice) takes a part that depends on how many images there are");
}

TEST_CASE("onnx constants: a free batch may be compared, multiplied and divided") {
  const OnnxTensor batch = *wholes({kFreeBatch}), twelve = *wholes({12});
  const std::string batch_counts =
      "works with how many images there are, which is known only later";
  const OnnxTensor twelve_each = worked_out("Mul", {batch, twelve});
  CHECK(worked_out("Div", {twelve_each, *wholes({4})}).wholes[0] == 3 * kFreeBatch);
  CHECK(worked_out("Equal", {batch, *wholes({-1})}).wholes[0] == 0);
  CHECK(worked_out("Equal", {batch, batch}).wholes[0] == 1);
  CHECK(worked_out("Greater", {batch, *wholes({0})}).wholes[0] == 1);
  CHECK(worked_out("Max", {batch, *wholes({1})}).wholes[0] == kFreeBatch);
  CHECK(worked_out("Mod", {twelve_each, *wholes({4})}).wholes[0] == 0);
  CHECK(refusal("Div", {batch, *wholes({2})}) == batch_counts);
  CHECK(refusal("Mod", {batch, *wholes({2})}) == batch_counts);
  CHECK(refusal("Equal", {batch, *wholes({8})}) == batch_counts);
  CHECK(refusal("Pow", {batch, *floats({}, {0.5F})}) == batch_counts);
  const OnnxTensor narrow = worked_out("Cast", {batch}, {integer("to", OnnxTensor::kInt32)});
  CHECK(worked_out("Mul", {narrow, *wholes({4096})}).wholes[0] == 4096 * kFreeBatch);
  CHECK(refusal("Range", {*wholes({0}), batch, *wholes({1})}) == batch_counts);
}
