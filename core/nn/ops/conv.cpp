// Conv, of one or two axes of positions.
#include <algorithm>

#include "nn/ops/column_sums.h"
#include "nn/ops/conv_sizes.h"
#include "nn/ops/form.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

ConvSizes sizes_of(const Graph& graph, const Node& node) {
  return conv_sizes(graph.shape(node.inputs[0]), node.shape, node.attributes);
}

std::size_t prepared_size(const Graph& graph, const Node& node) {
  const ConvSizes s = sizes_of(graph, node);
  if (s.is_depthwise()) {
    return static_cast<std::size_t>(s.window.taps()) * static_cast<std::size_t>(s.in_c);
  }
  return conv_forward_size(s) + conv_backward_size(s);
}

void prepare(float* to, const Graph& graph, const Node& node) {
  const ConvSizes s = sizes_of(graph, node);
  const float* kernel = graph.weight(node.weights[0]);
  if (!s.is_depthwise()) {
    conv_forward_prepare(to, kernel, s);
    conv_backward_prepare(to + conv_forward_size(s), kernel, s);
    return;
  }
  const int taps = s.window.taps();
  for (int c = 0; c < s.in_c; ++c) {
    for (int tap = 0; tap < taps; ++tap) to[tap * s.in_c + c] = kernel[c * taps + tap];
  }
}

void forward(const Pass& p) {
  const ConvSizes s = sizes_of(p.graph, p.node);
  const auto run = s.is_depthwise() ? depthwise_forward : conv_forward;
  run(p.out, p.in[0], p.prepared, p.weight(1), s, p.n, p.finish());
}

void backward(const Pass& p) {
  const ConvSizes s = sizes_of(p.graph, p.node);
  if (s.is_depthwise()) {
    depthwise_backward(p.d_in[0], p.d_out, p.prepared, s, p.n, p.stores[0]);
  } else {
    conv_backward(p.d_in[0], p.d_out, p.prepared + conv_forward_size(s), s, p.n, p.stores[0]);
  }
}

void backward_weights(const Pass& p) {
  if (p.d_weights[0] != nullptr) {
    conv_kernel_gradient(p.d_weights[0], p.in[0], p.d_out, sizes_of(p.graph, p.node), p.n);
  }
  add_bias_gradient(p, 1);
}

double multiply_adds(const Graph& graph, const Node& node) {
  return sizes_of(graph, node).multiply_adds();
}

}  // namespace

std::vector<float> transposed_kernel(const OnnxTensor& tensor, std::size_t groups) {
  const std::size_t out = static_cast<std::size_t>(tensor.dims[0]) / groups;
  const auto in = static_cast<std::size_t>(tensor.dims[1]);
  const std::size_t taps = tensor.size() / (groups * out * in);
  std::vector<float> kernel;
  kernel.reserve(tensor.size());
  for (std::size_t g = 0; g < groups; ++g) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      for (std::size_t i = 0; i < in; ++i) {
        for (std::size_t o = 0; o < out; ++o) {
          kernel.push_back(tensor.floats[((g * out + o) * in + i) * taps + tap]);
        }
      }
    }
  }
  return kernel;
}

// Attributes: window, groups. Weights: the kernel, and perhaps a bias.
const Kernel kConv{.forward = forward,
                   .backward = backward,
                   .backward_weights = backward_weights,
                   .weights_read_in = true,
                   .clips = true,
                   .stores = true,
                   .prepared_size = prepared_size,
                   .prepare = prepare,
                   .multiply_adds = multiply_adds};

Form conv_form(const Graph& graph, const Node& node) {
  const Weight& kernel = graph.weights[static_cast<std::size_t>(node.weights[0])];
  const float* numbers = graph.weight(node.weights[0]);
  ConvForm form{sizes_of(graph, node), {numbers, numbers + kernel.size}, {}};
  if (node.weights.size() > 1) {
    const float* bias = graph.weight(node.weights[1]);
    form.bias.assign(bias, bias + form.sizes.out_c);
  }
  return form;
}

Value read_conv(Import& import) {
  const Value x = import.channels_last(import.in(0));
  const OnnxTensor& kernel = import.constant(1);
  import.require(x.rank() <= 4, "convolves more than two axes, which is not supported");
  import.require(
      static_cast<int>(kernel.dims.size()) == x.rank() && !kernel.whole && kernel.size() > 0,
      "its kernel has another rank than its input, or no values");
  const std::int64_t groups = import.integer("group", 1), out = kernel.dims[0];
  import.require(groups > 0 && groups <= x.dim(1) && out % groups == 0 &&
                     kernel.dims[1] == x.dim(1) / groups && x.dim(1) % groups == 0,
                 "its kernel is for another number of channels or groups");
  const Sizes taps(kernel.dims.begin() + 2, kernel.dims.end());
  const Sizes told = import.integers("kernel_shape");
  import.require(told.empty() || told == taps, "its kernel_shape is not its kernel's");
  const ReadWindow read = read_window(import, x, taps);

  Attributes attributes;
  attributes.window = read.window;
  attributes.groups = static_cast<int>(groups);
  std::vector<int> weights{
      import.weight("kernel", transposed_kernel(kernel, static_cast<std::size_t>(groups)))};
  if (import.has(2)) weights.push_back(import.weight("bias", import.constant_floats(2, out)));
  Sizes dims = read.dims;
  dims[1] = out;
  return import.add(kConv, {x}, dims, x.order, attributes, weights);
}

}  // namespace inoculate
