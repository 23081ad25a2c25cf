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

// Of a kernel that gives each of `outputs` numbers from so many inputs, and is seen from so many.
std::vector<float> first_numbers(int inputs, int outputs, int filters, Initial initial, Rng& rng) {
  std::vector<float> numbers(static_cast<std::size_t>(inputs) * static_cast<std::size_t>(filters));
  const double limit = std::sqrt(6.0 / (inputs + outputs)), deviation = std::sqrt(2.0 / inputs);
  for (float& number : numbers) {
    number = static_cast<float>(initial == Initial::kGlorot ? limit * (2 * rng.uniform() - 1)
                                                            : deviation * rng.normal());
  }
  return numbers;
}

}  // namespace

Extents extents_of(const Shape& image) {
  if (image.h == 1 && image.w == 1) return {image.c};
  return {image.h, image.w, image.c};
}

GraphBuilder::GraphBuilder(Extents input) {
  graph_.nodes.push_back({nullptr, {}, {}, std::move(input), {}, {}, "image", "Input"});
}

void GraphBuilder::rename(int node, const std::string& name) {
  graph_.nodes[static_cast<std::size_t>(node)].name = name;
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
  if (graph_.shape(from).size() == 1) return from;
  return add("flatten", "Flatten", kReshape, from, {size_of(graph_.shape(from))});
}

int GraphBuilder::dense(int from, int units, Rng& rng, Initial initial) {
  return dense(from, first_numbers(graph_.shape(from).back(), units, units, initial, rng),
               std::vector<float>(static_cast<std::size_t>(units)));
}

int GraphBuilder::dense(int from, const std::vector<float>& kernel,
                        const std::vector<float>& bias) {
  Extents shape = graph_.shape(from);
  assert(kernel.size() == static_cast<std::size_t>(shape.back()) * bias.size());
  shape.back() = static_cast<int>(bias.size());
  return add("dense", "Gemm", kDense, from, std::move(shape),
             {graph_.add_weight(kernel), graph_.add_weight(bias)});
}

int GraphBuilder::add_window(const char* name, const char* op, const Kernel& kernel, int from,
                             int channels, const SquareWindow& window, std::vector<int> weights) {
  const Extents& in = graph_.shape(from);
  assert(in.size() == 3);
  const auto out = [&](int extent) {
    return (extent + 2 * window.pad - window.kernel) / window.stride + 1;
  };
  Attributes attributes;
  Window& own = attributes.window;
  own.kernel_h = own.kernel_w = window.kernel;
  own.stride_h = own.stride_w = window.stride;
  own.pad_top = own.pad_left = own.pad_bottom = own.pad_right = window.pad;
  return add(name, op, kernel, from, {out(in[0]), out(in[1]), channels}, std::move(weights),
             attributes);
}

int GraphBuilder::conv(int from, int filters, const SquareWindow& window, Rng& rng,
                       Initial initial) {
  const int taps = window.kernel * window.kernel, channels = graph_.shape(from).back();
  const std::vector<float> kernel =
      first_numbers(taps * channels, taps * filters, filters, initial, rng);
  const std::vector<float> bias(static_cast<std::size_t>(filters));
  return add_window("conv", "Conv", kConv, from, filters, window,
                    {graph_.add_weight(kernel), graph_.add_weight(bias)});
}

int GraphBuilder::max_pool(int from, const SquareWindow& window) {
  assert(window.pad == 0);
  return add_window("max_pool", "MaxPool", kMaxPool, from, graph_.shape(from).back(), window);
}

int GraphBuilder::conv(int from, int height, int width, const Window& window,
                       const std::vector<float>& kernel, const std::vector<float>& bias) {
  Attributes attributes;
  attributes.window = window;
  return add("conv", "Conv", kConv, from, {height, width, static_cast<int>(bias.size())},
             {graph_.add_weight(kernel), graph_.add_weight(bias)}, attributes);
}

int GraphBuilder::batch_norm(int from, float epsilon, float momentum) {
  const auto channels = static_cast<std::size_t>(graph_.shape(from).back());
  const std::vector<float> zeros(channels), ones(channels, 1);
  return batch_norm(from, epsilon, momentum, ones, zeros, zeros, ones);
}

int GraphBuilder::batch_norm(int from, float epsilon, float momentum,
                             const std::vector<float>& gamma, const std::vector<float>& beta,
                             const std::vector<float>& mean, const std::vector<float>& variance) {
  Attributes attributes;
  attributes.alpha = epsilon;
  attributes.beta = momentum;
  return add(
      "batch_norm", "BatchNormalization", kBatchNorm, from, graph_.shape(from),
      {graph_.add_weight(gamma), graph_.add_weight(beta), graph_.add_weight(mean, Role::kStatistic),
       graph_.add_weight(variance, Role::kStatistic)},
      attributes);
}

int GraphBuilder::dropout(int from, float rate) {
  assert(rate >= 0 && rate < 1);
  Attributes attributes;
  attributes.alpha = rate;
  return add("dropout", "Dropout", kDropout, from, graph_.shape(from), {}, attributes);
}

int GraphBuilder::add_function(const char* name, const char* op, int from, float a, float b) {
  const auto [kernel, attributes] = unary_function(op, a, b);
  return add(name, op, *kernel, from, graph_.shape(from), {}, attributes);
}

int GraphBuilder::relu(int from) {
  const auto [kernel, attributes] =
      unary_function("Clip", 0, std::numeric_limits<float>::infinity());
  return add("relu", "Relu", *kernel, from, graph_.shape(from), {}, attributes);
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
