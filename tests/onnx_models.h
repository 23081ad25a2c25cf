// ONNX models made by hand.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "formats/onnx/model.h"

namespace inoculate {

inline SharedTensor floats(Sizes dims, std::vector<float> numbers) {
  OnnxTensor tensor;
  tensor.dims = std::move(dims);
  tensor.floats = std::move(numbers);
  return std::make_shared<OnnxTensor>(tensor);
}

inline SharedTensor wholes(std::vector<std::int64_t> numbers) {
  OnnxTensor tensor;
  tensor.dims = {static_cast<std::int64_t>(numbers.size())};
  tensor.whole = true;
  tensor.wholes = std::move(numbers);
  return std::make_shared<OnnxTensor>(tensor);
}

inline OnnxAttribute integers(const std::string& name, std::vector<std::int64_t> numbers) {
  OnnxAttribute attribute;
  attribute.name = name;
  attribute.integers = std::move(numbers);
  return attribute;
}

inline OnnxAttribute integer(const std::string& name, std::int64_t value) {
  OnnxAttribute attribute;
  attribute.name = name;
  attribute.integer = value;
  return attribute;
}

inline OnnxAttribute number(const std::string& name, float value) {
  OnnxAttribute attribute;
  attribute.name = name;
  attribute.number = value;
  return attribute;
}

inline OnnxAttribute text(const std::string& name, const std::string& value) {
  OnnxAttribute attribute;
  attribute.name = name;
  attribute.text = value;
  return attribute;
}

inline OnnxNode node(const std::string& op, std::vector<std::string> inputs,
                     const std::string& output) {
  OnnxNode result;
  result.op = op;
  result.name = "the_" + op;
  result.inputs = std::move(inputs);
  result.outputs = {output};
  return result;
}

}  // namespace inoculate
