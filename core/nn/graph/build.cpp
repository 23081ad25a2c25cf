#include "nn/graph/build.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "nn/ops/kernel.h"

namespace inoculate {
namespace {

std::vector<float> first_numbers(int inputs, int outputs, Initial initial, Rng& rng) {
  std::vector<float> numbers(static_cast<std::size_t>(inputs) * static_cast<std::size_t>(outputs));
  const double limit = std::sqrt(6.0 / (inputs + outputs)), deviation = std::sqrt(2.0 / inputs);
  for (float& number : numbers) {
    number = static_cast<float>(initial == Initial::kGlorot ? limit * (2 * rng.uniform() - 1)
                                                            : deviation * rng.normal());
  }
  return numbers;
}

}  // namespace

GraphBuilder::GraphBuilder(Extents input) {
  graph_.nodes.push_back({nullptr, {}, {}, std::move(input), {}, {}, "image", "Input"});
}

int GraphBuilder::add(const char* name, const char* op, const Kernel& kernel, int from,
                      Extents shape, std::vector<int> weights, const Attributes& attributes) {
  const auto alike = std::count_if(graph_.nodes.begin(), graph_.nodes.end(),
                                   [&](const Node& node) { return node.op == op; });
  graph_.nodes.push_back({&kernel,
                          {from},
                          std::move(weights),
                          std::move(shape),
                          attributes,
                          {},
                          name + std::to_string(alike + 1),
                          op});
  return static_cast<int>(graph_.nodes.size()) - 1;
}

int GraphBuilder::flatten(int from) {
  return add("flatten", "Flatten", kReshape, from, {size_of(graph_.shape(from))});
}

int GraphBuilder::dense(int from, int units, Rng& rng, Initial initial) {
  return dense(from, first_numbers(graph_.shape(from).back(), units, initial, rng),
               std::vector<float>(static_cast<std::size_t>(units)));
}

int GraphBuilder::dense(int from, const std::vector<float>& kernel,
                        const std::vector<float>& bias) {
  Extents shape = graph_.shape(from);
  assert(kernel.size() == static_cast<std::size_t>(shape.back()) * bias.size());
  shape.back() = static_cast<int>(bias.size());
  return add("dense", "Dense", kDense, from, std::move(shape),
             {graph_.add_weight(kernel), graph_.add_weight(bias)});
}

int GraphBuilder::add_function(const char* name, const char* op, int from, float a, float b) {
  const auto [kernel, attributes] = unary_function(op, a, b);
  return add(name, op, *kernel, from, graph_.shape(from), {}, attributes);
}

int GraphBuilder::relu(int from) {
  return add_function("relu", "Clip", from, 0, std::numeric_limits<float>::infinity());
}
int GraphBuilder::leaky_relu(int from, float slope) {
  assert(slope >= 0);
  return add_function("leaky_relu", "LeakyRelu", from, slope);
}
int GraphBuilder::sigmoid(int from) { return add_function("sigmoid", "Sigmoid", from); }
int GraphBuilder::tanh(int from) { return add_function("tanh", "Tanh", from); }

Graph GraphBuilder::take(int output) {
  graph_.output = output;
  return std::exchange(graph_, {});
}

}  // namespace inoculate
