#include "model/onnx_export.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/error.h"
#include "base/named_tensor.h"
#include "nn/batch_norm.h"
#include "nn/conv2d.h"
#include "nn/weights.h"

namespace inoculate {
namespace {

constexpr std::int64_t kOpset = 13;
constexpr int kFloat32 = 1;  // TensorProto.DataType
constexpr const char* kInput = "image";
constexpr const char* kOutput = "logits";

OnnxAttribute integers(const char* name, Sizes values) {
  return {.name = name, .type = OnnxAttribute::kInts, .integers = std::move(values)};
}

/// Follows an image through the layers. Between them a map of features is [N, C, H, W], and
/// flattened in this order, where ours is in H, W, C.
class Export {
 public:
  Export(const Architecture& architecture, const std::vector<NamedTensor>& weights)
      : shape_(architecture.input), flat_(shape_.h == 1 && shape_.w == 1) {
    for (const NamedTensor& tensor : weights) weights_[tensor.name] = &tensor;
    model_.opset = kOpset;
    model_.inputs = {{kInput, true, input_dims(), kFloat32}};
    for (const LayerSpec& spec : architecture.layers) {
      ++layer_;
      std::visit([this](const auto& layer) { add(layer); }, spec);
    }
    model_.nodes.back().outputs = {kOutput};
    model_.outputs = {{kOutput, true, {-1, shape_.c}, kFloat32}};
  }

  OnnxModel model() && { return std::move(model_); }

 private:
  Sizes input_dims() const {
    if (flat_) return {-1, shape_.c};
    const auto are_channels = [](int extent) { return extent == 1 || extent == 3 || extent == 4; };
    if (are_channels(shape_.w) && !are_channels(shape_.c)) {
      throw Error("cannot be written as ONNX: images of " + std::to_string(shape_.c) +
                  " channels and " + std::to_string(shape_.w) +
                  " columns would be read as those of " + std::to_string(shape_.w) + " channels");
    }
    return {-1, shape_.c, shape_.h, shape_.w};
  }

  const std::vector<float>& values(const std::string& name) const {
    return weights_.at(name)->values;
  }

  // Adds a constant; returns its name.
  std::string constant(const std::string& name, Sizes dims, std::vector<float> floats) {
    OnnxTensor tensor;
    tensor.dims = std::move(dims);
    tensor.floats = std::move(floats);
    model_.constants[name] = std::make_shared<OnnxTensor>(std::move(tensor));
    return name;
  }
  std::string vector(const std::string& name) {
    const std::vector<float>& floats = values(name);
    return constant(name, {static_cast<std::int64_t>(floats.size())}, floats);
  }

  // A node that reads the last one's output.
  void node(const char* op, std::string name, std::vector<std::string> constants = {},
            std::vector<OnnxAttribute> attributes = {}) {
    OnnxNode node;
    node.op = op;
    node.name = std::move(name);
    node.inputs = {model_.nodes.empty() ? kInput : model_.nodes.back().outputs[0]};
    node.inputs.insert(node.inputs.end(), constants.begin(), constants.end());
    node.outputs = {std::to_string(model_.nodes.size() + 1)};
    node.attributes = std::move(attributes);
    model_.nodes.push_back(std::move(node));
  }

  void add(const ConvSpec& spec) {
    const Conv2d conv = conv2d_same(shape_, spec.filters, spec.kernel, spec.stride);
    const auto behind = [&](int out, int in, int before) {
      // Below 0 where the last rows or columns are not seen.
      return std::int64_t{std::max(0, (out - 1) * conv.stride + conv.kernel - in - before)};
    };
    const std::int64_t top = conv.pad_top, left = conv.pad_left,
                       bottom = behind(conv.out.h, shape_.h, conv.pad_top),
                       right = behind(conv.out.w, shape_.w, conv.pad_left);
    const std::string kernel = spec.name + "/kernel";
    node("Conv", spec.name,
         {constant(kernel, {spec.filters, shape_.c, spec.kernel, spec.kernel},
                   filters_first(values(kernel), conv)),
          vector(spec.name + "/bias")},
         {integers("kernel_shape", {spec.kernel, spec.kernel}),
          integers("strides", {spec.stride, spec.stride}),
          integers("pads", {top, left, bottom, right})});
    shape_ = conv.out;
  }

  // [K, K, C, F] as [F, C, K, K].
  static std::vector<float> filters_first(const std::vector<float>& kernel, const Conv2d& conv) {
    const auto taps = static_cast<std::size_t>(conv.kernel * conv.kernel);
    const auto c = static_cast<std::size_t>(conv.in.c), f = static_cast<std::size_t>(conv.out.c);
    std::vector<float> transposed(kernel.size());
    for (std::size_t i = 0; i < kernel.size(); ++i) {
      const std::size_t tap = i / (c * f), channel = i / f % c, filter = i % f;
      transposed[(filter * c + channel) * taps + tap] = kernel[i];
    }
    return transposed;
  }

  void add(const DenseSpec& spec) {
    if (!std::exchange(flat_, true)) {
      node("Flatten", "flatten", {}, {{.name = "axis", .type = OnnxAttribute::kInt, .integer = 1}});
    }
    const std::string kernel = spec.name + "/kernel";
    node("Gemm", spec.name,
         {constant(kernel, {shape_.size(), spec.units}, channels_first(values(kernel))),
          vector(spec.name + "/bias")});
    shape_ = {1, 1, spec.units};
  }

  // [H * W * C, units] as [C * H * W, units].
  std::vector<float> channels_first(const std::vector<float>& matrix) const {
    const auto places = static_cast<std::size_t>(shape_.h * shape_.w);
    const auto channels = static_cast<std::size_t>(shape_.c);
    const std::size_t units = matrix.size() / (places * channels);
    std::vector<float> transposed;
    transposed.reserve(matrix.size());
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t place = 0; place < places; ++place) {
        const float* row = matrix.data() + (place * channels + c) * units;
        transposed.insert(transposed.end(), row, row + units);
      }
    }
    return transposed;
  }

  void add(const BatchNormSpec& spec) {
    std::vector<std::string> constants;
    for (const char* part : {"/gamma", "/beta", "/moving_mean", "/moving_variance"}) {
      constants.push_back(vector(spec.name + part));
    }
    node("BatchNormalization", spec.name, constants,
         {{.name = "epsilon", .type = OnnxAttribute::kFloat, .number = kBatchNormEpsilon},
          {.name = "momentum", .type = OnnxAttribute::kFloat, .number = kBatchNormMomentum}});
  }

  void add(const ReluSpec&) { node("Relu", "relu" + std::to_string(layer_)); }

  void add(const DropoutSpec&) {}

  OnnxModel model_;
  std::map<std::string, const NamedTensor*> weights_;
  int layer_ = 0;
  Shape shape_;
  bool flat_;
};

}  // namespace

OnnxModel onnx_model(const Network& network, std::map<std::string, std::string> metadata) {
  OnnxModel model = Export(network.architecture(), weights(network)).model();
  metadata["architecture"] = network.architecture().name;
  model.metadata = std::move(metadata);
  return model;
}

OnnxModel onnx_model(const Linear& linear, std::map<std::string, std::string> metadata) {
  const Architecture architecture{"linear", linear.input, {DenseSpec{"dense", linear.classes}}};
  OnnxModel model =
      Export(architecture, {{"dense/kernel", {}, linear.kernel}, {"dense/bias", {}, linear.bias}})
          .model();
  model.metadata = std::move(metadata);
  return model;
}

}  // namespace inoculate
