// ConvTranspose: computes what the gradient of a convolution's input is, of the same kernel.
#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "nn/ops/column_sums.h"
#include "nn/ops/conv_sizes.h"
#include "nn/ops/form.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

// Of the convolution from this operator's output to its input.
ConvSizes sizes_of(const Graph& graph, const Node& node) {
  return conv_sizes(node.shape, graph.shape(node.inputs[0]), node.attributes);
}

std::size_t prepared_size(const Graph& graph, const Node& node) {
  const ConvSizes s = sizes_of(graph, node);
  return conv_backward_size(s) + conv_forward_size(s);
}

void prepare(float* to, const Graph& graph, const Node& node) {
  const ConvSizes s = sizes_of(graph, node);
  conv_backward_prepare(to, graph.weight(node.weights[0]), s);
  conv_forward_prepare(to + conv_backward_size(s), graph.weight(node.weights[0]), s);
}

void forward(const Pass& p) {
  const ConvSizes s = sizes_of(p.graph, p.node);
  const auto channels = static_cast<std::size_t>(s.in_c);
  for (std::size_t i = 0; i < p.n * p.out_size(); i += channels) {
    if (p.weight(1) == nullptr) std::fill_n(p.out + i, channels, 0.0F);
    if (p.weight(1) != nullptr) std::copy_n(p.weight(1), channels, p.out + i);
  }
  conv_backward(p.out, p.in[0], p.prepared, s, p.n, {Epilogue::kAdd});
}

void backward(const Pass& p) {
  const ConvSizes s = sizes_of(p.graph, p.node);
  conv_forward(p.d_in[0], p.d_out, p.prepared + conv_backward_size(s), nullptr, s, p.n,
               {Epilogue::kAdd});
}

// Of the convolution from this operator's output to its input, the gradient of which is forward:
// what it is given there is d_out, and the gradient of what it gives is the input.
void backward_weights(const Pass& p) {
  if (p.d_weights[0] != nullptr) {
    conv_kernel_gradient(p.d_weights[0], p.d_out, p.in[0], sizes_of(p.graph, p.node), p.n);
  }
  add_bias_gradient(p, 1);
}

double multiply_adds(const Graph& graph, const Node& node) {
  return sizes_of(graph, node).multiply_adds();
}

constexpr std::int64_t kLargest = std::int64_t{1} << 26;  // of one axis

// Of one axis: how much is taken away at the beginning, and what is left.
struct Cut {
  std::int64_t begin, out;
};

Cut cut_of(std::int64_t full, std::int64_t wanted, bool upper) {
  const std::int64_t total = std::max<std::int64_t>(0, full - wanted);
  return {upper ? total / 2 : total - total / 2, wanted};
}

}  // namespace

// Attributes: window, groups. Weights: the kernel as kConv has it, of the convolution from the
// output to the input, and perhaps a bias.
const Kernel kConvTranspose{.forward = forward,
                            .backward = backward,
                            .backward_weights = backward_weights,
                            .weights_read_in = true,
                            .prepared_size = prepared_size,
                            .prepare = prepare,
                            .multiply_adds = multiply_adds};

// Every product of a weight and a number: transposed convolutions of classifiers are small.
Form conv_transpose_form(const Graph& graph, const Node& node) {
  constexpr double kMost = 1 << 25;  // entries, half a gigabyte
  const ConvSizes s = sizes_of(graph, node);
  if (s.multiply_adds() > kMost) throw Error("is too large to be bounded");
  const float* kernel = graph.weight(node.weights[0]);
  const Window& w = s.window;
  std::vector<SparseEntry> entries;
  for (int at = 0; at < s.out_h * s.out_w; ++at) {
    for (int tap = 0; tap < w.taps(); ++tap) {
      const int y = at / s.out_w * w.stride_h + tap / w.kernel_w * w.dilation_h - w.pad_top;
      const int x = at % s.out_w * w.stride_w + tap % w.kernel_w * w.dilation_w - w.pad_left;
      if (y < 0 || y >= s.in_h || x < 0 || x >= s.in_w) continue;
      for (int c = 0; c < s.in_c; ++c) {
        const int group = c / s.group_in();
        const int row = (group * w.taps() + tap) * s.group_in() + c % s.group_in();
        for (int f = 0; f < s.group_out(); ++f) {
          entries.push_back({(y * s.in_w + x) * s.in_c + c,
                             at * s.out_c + group * s.group_out() + f,
                             double{kernel[row * s.group_out() + f]}});
        }
      }
    }
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const SparseEntry& a, const SparseEntry& b) { return a.out < b.out; });
  SparseForm form{{std::move(entries)}, {}, {}, w.taps() * s.group_out() + 4, false};
  if (node.weights.size() < 2) return form;
  const float* bias = graph.weight(node.weights[1]);
  form.constant.resize(s.in_size());
  for (std::size_t i = 0; i < form.constant.size(); ++i) {
    form.constant[i] = double{bias[i % static_cast<std::size_t>(s.in_c)]};
  }
  return form;
}

Value read_conv_transpose(Import& import) {
  const Value x = import.channels_last(import.in(0));
  const OnnxTensor& kernel = import.constant(1);
  const std::int64_t groups = import.integer("group", 1);
  import.require(x.rank() <= 4, "convolves more than two axes, which is not supported");
  import.require(static_cast<int>(kernel.dims.size()) == x.rank() && !kernel.whole &&
                     kernel.size() > 0 && groups > 0 && groups <= x.dim(1) &&
                     kernel.dims[0] == x.dim(1) && x.dim(1) % groups == 0,
                 "its kernel is for another rank or number of channels, or has no values");
  const Sizes taps(kernel.dims.begin() + 2, kernel.dims.end());
  const std::size_t axes = taps.size();
  const Sizes strides = window_list(import, "strides", axes, 1);
  const Sizes dilations = window_list(import, "dilations", axes, 1);
  const Sizes pads = window_list(import, "pads", 2 * axes, 0);
  const Sizes more = window_list(import, "output_padding", axes, 0);
  const Sizes wanted = import.integers("output_shape");
  const std::string automatic = import.text("auto_pad", "NOTSET");
  const bool same = automatic.starts_with("SAME_");
  import.require(wanted.empty() || wanted.size() == axes, "its output_shape is of another rank");

  Value result = x;
  std::int64_t work = 1;
  std::array<int, 2> begins{0, 0}, sizes{1, 1}, steps{1, 1}, apart{1, 1};
  for (std::size_t i = 0; i < axes; ++i) {
    import.require(taps[i] <= kLargestWindow, "its kernel is impossible");
    const std::int64_t in = x.dim(static_cast<int>(i) + 2);
    const std::int64_t full = (in - 1) * strides[i] + (taps[i] - 1) * dilations[i] + 1 + more[i];
    Cut cut{pads[i], full - pads[i] - pads[axes + i]};
    if (automatic == "VALID") cut = {0, full};
    if (same) cut = cut_of(full, in * strides[i], automatic == "SAME_UPPER");
    if (!wanted.empty()) {
      cut = cut_of(full, std::clamp(wanted[i], -kLargest, kLargest), automatic == "SAME_UPPER");
    }
    import.require(full <= kLargest && cut.out > 0 && cut.out <= full + kLargestWindow,
                   "has pads or an output_shape that are impossible");
    result.dims[2 + i] = cut.out;
    work *= taps[i];
    const std::size_t at = 2 - axes + i;
    begins[at] = static_cast<int>(cut.begin);
    sizes[at] = static_cast<int>(taps[i]);
    steps[at] = static_cast<int>(strides[i]);
    apart[at] = static_cast<int>(dilations[i]);
  }
  result.dims[1] = kernel.dims[1] * groups;
  import.require_work(work * x.dim(1), result.dims);
  Attributes attributes;
  attributes.window = {sizes[0], sizes[1],  steps[0],  steps[1], apart[0],
                       apart[1], begins[0], begins[1], 0,        0};
  attributes.groups = static_cast<int>(groups);
  std::vector<int> weights{
      import.weight("kernel", transposed_kernel(kernel, static_cast<std::size_t>(groups)))};
  if (import.has(2)) {
    weights.push_back(import.weight("bias", import.constant_floats(2, result.dims[1])));
  }
  return import.add(kConvTranspose, {x}, result.dims, x.order, attributes, weights);
}

}  // namespace inoculate
