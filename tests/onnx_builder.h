// Networks of ONNX operators with random weights, written down an operator at a time.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "nn/graph/import.h"
#include "onnx_models.h"

namespace inoculate {

class OnnxBuilder {
 public:
  /// `dims` of the input, the batch not counted, [features] or [C, H, W]; it is called "image".
  explicit OnnxBuilder(Sizes dims, unsigned seed = 7) : random_(seed) {
    dims.insert(dims.begin(), -1);
    model_.opset = 17;
    model_.inputs = {{"image", true, dims, 1}};
  }

  /// Adds an operator. Returns the name of what it gives.
  std::string add(const std::string& op, std::vector<std::string> inputs,
                  std::vector<OnnxAttribute> attributes = {}) {
    OnnxNode added = node(op, std::move(inputs), op + std::to_string(model_.nodes.size()));
    added.attributes = std::move(attributes);
    model_.nodes.push_back(added);
    return added.outputs[0];
  }

  /// The numbers of `value` as [N, dims...].
  std::string reshaped(const std::string& value, Sizes dims) {
    dims.insert(dims.begin(), 0);
    return add("Reshape", {value, constant(wholes(dims))});
  }

  /// A constant of random numbers of [low, high). Returns its name.
  std::string weight(const Sizes& dims, float low = -1, float high = 1) {
    std::int64_t size = 1;
    for (const std::int64_t dim : dims) size *= dim;
    std::uniform_real_distribution<float> uniform(low, high);
    std::vector<float> numbers;
    for (std::int64_t i = 0; i < size; ++i) numbers.push_back(uniform(random_));
    return constant(floats(dims, numbers));
  }
  std::string constant(const SharedTensor& tensor) {
    const std::string name = "constant" + std::to_string(model_.constants.size());
    model_.constants[name] = tensor;
    return name;
  }

  /// The network that gives the last operator's value, flattened.
  Graph graph() {
    add("Flatten", {model_.nodes.back().outputs[0]});
    model_.outputs = {{model_.nodes.back().outputs[0], true, {}, 1}};
    return import_onnx(model_, "a.onnx");
  }

 private:
  OnnxModel model_;
  std::mt19937 random_;
};

}  // namespace inoculate
