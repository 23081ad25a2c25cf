#include "model/onnx_export.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/quote.h"
#include "model/network_graph.h"
#include "nn/ops/kernel.h"

namespace inoculate {
namespace {

constexpr std::int64_t kOpset = 13;
constexpr int kFloat32 = 1;  // TensorProto.DataType
constexpr const char* kInput = "image";
constexpr const char* kOutput = "logits";

OnnxAttribute integers(const char* name, Sizes values) {
  return {.name = name, .type = OnnxAttribute::kInts, .integers = std::move(values)};
}
OnnxAttribute number(const char* name, float value) {
  return {.name = name, .type = OnnxAttribute::kFloat, .number = value};
}

// The extents of a value of the file: there channels come before positions.
Sizes file_dims(const Extents& e) {
  if (e.size() == 3) return {-1, e[2], e[0], e[1]};
  return {-1, size_of(e)};
}

// Readers of such a file tell channels from columns by their number.
void require_readable(const Extents& image) {
  const auto are_channels = [](int extent) { return extent == 1 || extent == 3 || extent == 4; };
  if (image.size() == 3 && are_channels(image[1]) && !are_channels(image[2])) {
    throw Error("cannot be written as ONNX: images of " + std::to_string(image[2]) +
                " channels and " + std::to_string(image[1]) +
                " columns would be read as those of " + std::to_string(image[1]) + " channels");
  }
}

class GraphExport {
 public:
  explicit GraphExport(const Graph& graph) : graph_(graph) {
    require_readable(graph.shape(0));
    model_.opset = kOpset;
    model_.inputs = {{kInput, true, file_dims(graph.shape(0)), kFloat32}};
    for (int i = 1; i <= graph.output; ++i) add(graph.node(i), i);
    model_.outputs = {{kOutput, true, file_dims(graph.shape(graph.output)), kFloat32}};
  }

  OnnxModel model() && { return std::move(model_); }

 private:
  std::string value(int node) const {
    return node == 0 ? kInput : node == graph_.output ? kOutput : graph_.node(node).name;
  }

  std::string constant(const Node& of, const char* part, Sizes dims, std::vector<float> floats) {
    OnnxTensor tensor;
    tensor.dims = std::move(dims);
    tensor.floats = std::move(floats);
    std::string name = of.name + "/" + part;
    model_.constants[name] = std::make_shared<OnnxTensor>(std::move(tensor));
    return name;
  }
  std::vector<float> numbers(const Node& node, std::size_t weight) const {
    const float* values = graph_.weight(node.weights[weight]);
    return {values, values + graph_.weights[static_cast<std::size_t>(node.weights[weight])].size};
  }
  // Weight `number` of the node, which has one number a channel.
  std::string vector(const Node& node, std::size_t weight, const char* part) {
    std::vector<float> floats = numbers(node, weight);
    Sizes dims{static_cast<std::int64_t>(floats.size())};
    return constant(node, part, std::move(dims), std::move(floats));
  }

  void add(const Node& node, int number) {
    OnnxNode added;
    added.name = node.name;
    added.inputs = {value(node.inputs[0])};
    added.outputs = {value(number)};
    const auto with = [&](const std::string& constant) { added.inputs.push_back(constant); };
    if (node.kernel == &kConv) {
      with(kernel_of_conv(node));
      with(vector(node, 1, "bias"));
      set(added, "Conv", window_of(node));
    } else if (node.kernel == &kDense) {
      with(matrix_of_dense(node));
      with(vector(node, 1, "bias"));
      set(added, "Gemm", {});
    } else if (node.kernel == &kBatchNorm) {
      const char* parts[] = {"gamma", "beta", "moving_mean", "moving_variance"};
      for (std::size_t i = 0; i < 4; ++i) with(vector(node, i, parts[i]));
      set(added, "BatchNormalization",
          {inoculate::number("epsilon", node.attributes.alpha),
           inoculate::number("momentum", node.attributes.beta)});
    } else if (node.kernel == &kMaxPool) {
      set(added, "MaxPool", window_of(node));
    } else if (node.kernel == &kReshape) {
      set(added, "Flatten", {{.name = "axis", .type = OnnxAttribute::kInt, .integer = 1}});
    } else if (node.kernel == &kDropout) {
      OnnxTensor ratio;
      ratio.floats = {node.attributes.alpha};
      const std::string name = node.name + "/ratio";
      model_.constants[name] = std::make_shared<OnnxTensor>(std::move(ratio));
      with(name);
      set(added, "Dropout", {});
    } else if (node.kernel == &kActivation && node.attributes.mode == kClipMode &&
               node.attributes.alpha == 0 && std::isinf(node.attributes.beta)) {
      set(added, "Relu", {});
    } else {
      throw Error("operator " + quote(node.op) + " (node " + quote(node.name) +
                  ") cannot be written as ONNX");
    }
    model_.nodes.push_back(std::move(added));
  }

  static void set(OnnxNode& node, const char* op, std::vector<OnnxAttribute> attributes) {
    node.op = op;
    node.attributes = std::move(attributes);
  }

  std::vector<OnnxAttribute> window_of(const Node& node) const {
    const Window& w = node.attributes.window;
    const Extents& in = graph_.shape(node.inputs[0]);
    // Below and on the right as much as the output's size asks for; less than none where the last
    // rows or columns are not seen.
    const auto behind = [](int out, int stride, int kernel, int extent, int before) {
      return std::max(0, (out - 1) * stride + kernel - extent - before);
    };
    return {integers("kernel_shape", {w.kernel_h, w.kernel_w}),
            integers("strides", {w.stride_h, w.stride_w}),
            integers("pads", {w.pad_top, w.pad_left,
                              behind(node.shape[0], w.stride_h, w.kernel_h, in[0], w.pad_top),
                              behind(node.shape[1], w.stride_w, w.kernel_w, in[1], w.pad_left)})};
  }

  // [H, W, in, out] as [out, in, H, W].
  std::string kernel_of_conv(const Node& node) {
    const Window& w = node.attributes.window;
    const std::vector<float> own = numbers(node, 0);
    const auto taps = static_cast<std::size_t>(w.taps());
    const auto out = static_cast<std::size_t>(node.shape[2]);
    const std::size_t in = own.size() / taps / out;
    std::vector<float> transposed(own.size());
    for (std::size_t i = 0; i < own.size(); ++i) {
      const std::size_t tap = i / (in * out), channel = i / out % in, filter = i % out;
      transposed[(filter * in + channel) * taps + tap] = own[i];
    }
    return constant(node, "kernel",
                    {node.shape[2], static_cast<std::int64_t>(in), w.kernel_h, w.kernel_w},
                    std::move(transposed));
  }

  // [H W C, units] as [C H W, units] behind a flatten, which in the file is in that order.
  std::string matrix_of_dense(const Node& node) {
    const Node& before = graph_.node(node.inputs[0]);
    std::vector<float> own = numbers(node, 0);
    const auto units = static_cast<std::size_t>(node.shape.back());
    const Sizes dims{static_cast<std::int64_t>(own.size() / units), node.shape.back()};
    if (before.kernel != &kReshape || graph_.shape(before.inputs[0]).size() != 3) {
      return constant(node, "kernel", dims, std::move(own));
    }
    const auto channels = static_cast<std::size_t>(graph_.shape(before.inputs[0])[2]);
    const std::size_t places = own.size() / units / channels;
    std::vector<float> transposed;
    transposed.reserve(own.size());
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t place = 0; place < places; ++place) {
        const float* row = own.data() + (place * channels + c) * units;
        transposed.insert(transposed.end(), row, row + units);
      }
    }
    return constant(node, "kernel", dims, std::move(transposed));
  }

  const Graph& graph_;
  OnnxModel model_;
};

}  // namespace

OnnxModel onnx_model(const Graph& graph, std::map<std::string, std::string> metadata) {
  OnnxModel model = GraphExport(graph).model();
  model.metadata = std::move(metadata);
  return model;
}

OnnxModel onnx_model(const Network& network, std::map<std::string, std::string> metadata) {
  metadata["architecture"] = network.architecture().name;
  return onnx_model(graph_of(network), std::move(metadata));
}

}  // namespace inoculate
