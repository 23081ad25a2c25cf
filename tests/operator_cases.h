// A small network for every operator that is computed of the image's values.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/shapes.h"
#include "onnx_models.h"
#include "random_data.h"

namespace inoculate {

// An operator asked for images [N, 2, 4, 6]. Its inputs are the image; what is made of it ("half",
// sigmoids [N, 1, 4, 6] of its means; "turned", the image with its last axes swapped; and so on);
// or constants of the model below.
struct OperatorCase {
  std::string op;
  std::vector<std::string> inputs{"image"};
  std::vector<OnnxAttribute> attributes{};
  float scale = 1, shift = 0;  // of the pixels
  std::int64_t opset = 13;
};

inline const OperatorCase kOperatorCases[] = {
    {"Abs"},
    {"Add", {"image", "half"}},
    {"Add", {"row", "image"}},
    {"AveragePool", {"image"}, {integers("kernel_shape", {2, 3}), integers("pads", {1, 1, 0, 1})}},
    {"AveragePool",
     {"image"},
     {integers("kernel_shape", {3, 3}), integers("pads", {1, 1, 1, 1}), integers("strides", {2, 2}),
      integer("count_include_pad", 1)}},
    {"BatchNormalization", {"image", "channel", "channel", "channel", "channel"}},
    {"Cast", {"image"}, {integer("to", 11)}},
    {"Ceil"},
    {"Clip", {"image", "low", "high"}},
    {"Concat", {"image", "half", "grid"}, {integer("axis", 1)}},
    {"Conv", {"image", "kernel"}, {integers("strides", {1, 2}), integers("pads", {1, 1, 1, 1})}},
    {"Conv", {"image", "kernel_d"}, {integer("group", 2), integers("dilations", {2, 1})}},
    {"Conv", {"image", "kernel_g", "channel4"}, {integer("group", 2)}},
    {"ConvTranspose", {"image", "kernel_t", "three"}, {integers("strides", {2, 1})}},
    {"ConvTranspose", {"image", "kernel_d"}, {integer("group", 2), integers("dilations", {2, 1})}},
    {"ConvTranspose",
     {"image", "kernel_t"},
     {text("auto_pad", "SAME_UPPER"), integers("strides", {2, 3})}},
    {"Div", {"image", "half"}},
    {"Div", {"low", "image"}, {}, 1, 2},
    {"Dropout"},
    {"Elu", {"image"}, {number("alpha", 0.7F)}},
    {"Equal", {"image", "low"}},
    {"Erf"},
    {"Exp"},
    {"Expand", {"half", "shape"}},
    {"Flatten"},
    {"Floor"},
    {"Gather", {"image", "indices"}, {integer("axis", 3)}},
    {"Gather", {"image", "index"}, {integer("axis", 1)}},
    {"Gelu", {"image"}, {}, 3, 0, 20},
    {"Gelu", {"image"}, {text("approximate", "tanh")}, 3, 0, 20},
    {"Gemm", {"flat", "features", "three"}, {number("alpha", 0.5F)}},
    {"GlobalAveragePool"},
    {"GlobalMaxPool"},
    {"Greater", {"image", "low"}},
    {"GreaterOrEqual", {"image", "low"}},
    {"GroupNormalization", {"four", "group", "group"}, {integer("num_groups", 2)}, 1, 0, 18},
    {"GroupNormalization", {"four", "channel4", "channel4"}, {integer("num_groups", 2)}, 1, 0, 21},
    {"HardSigmoid", {"image"}, {}, 3.90625F},
    {"HardSwish", {"image"}, {}, 4.6875F, 0, 14},
    {"Identity"},
    {"InstanceNormalization", {"image", "channel", "channel"}},
    {"LRN", {"image"}, {integer("size", 2), number("alpha", 0.7F)}},
    {"LayerNormalization", {"image", "row"}, {}, 1, 0, 17},
    {"LayerNormalization", {"image", "grid_flat", "grid_flat"}, {integer("axis", 1)}, 1, 0, 17},
    {"LeakyRelu", {"image"}, {number("alpha", 0.3F)}},
    {"Less", {"image", "low"}},
    {"LessOrEqual", {"image", "low"}},
    {"Log", {"image"}, {}, 1, 2},
    {"LogSoftmax", {"image"}, {integer("axis", 1)}},
    {"LogSoftmax", {"image"}, {integer("axis", 2)}, 1, 0, 11},
    {"MatMul", {"image", "turned"}},
    {"MatMul", {"turned", "half"}},
    {"MatMul", {"image", "matrix"}},
    {"MatMul", {"left", "image"}},
    {"MatMul", {"image", "row"}},
    {"MatMul", {"tall", "wide"}},
    {"Max", {"image", "half", "row"}},
    {"MaxPool", {"image"}, {integers("kernel_shape", {2, 3}), integers("pads", {0, 1, 1, 1})}},
    {"Min", {"image", "half", "row"}},
    {"Mish", {"image"}, {}, 3},
    {"Mul", {"image", "half"}},
    {"Mul", {"half", "row"}},
    {"Neg"},
    {"Not"},
    {"PRelu", {"image", "slopes"}},
    {"PRelu", {"image", "half"}},
    {"Pad", {"image", "pads"}},
    {"Pad", {"image", "pads"}, {text("mode", "reflect")}},
    {"Pad", {"image", "pads"}, {text("mode", "edge")}},
    {"Pad", {"image", "round"}, {text("mode", "wrap")}, 1, 0, 19},
    {"Pow", {"image", "exponents"}, {}, 1, 2},
    {"Pow", {"image", "two"}},
    {"Reciprocal", {"image"}, {}, 1, 2},
    {"ReduceMax", {"image"}, {integers("axes", {1, 3})}},
    {"ReduceMean", {"image"}, {integers("axes", {1, 3})}},
    {"ReduceMin", {"image"}, {integers("axes", {2}), integer("keepdims", 0)}},
    {"ReduceSum", {"image", "axes"}},
    {"Relu"},
    {"Reshape", {"image", "shape_wide"}},
    {"Selu"},
    {"Sigmoid"},
    {"Slice", {"image", "starts", "ends", "axes", "steps"}},
    {"Softmax", {"image"}, {integer("axis", -2)}},
    {"Softmax", {"image"}, {integer("axis", 2)}, 1, 0, 11},
    {"Softplus"},
    {"Softsign"},
    {"Split", {"image"}, {integer("axis", 3), integers("split", {2, 4})}, 1, 0, 11},
    {"Sqrt", {"image"}, {}, 1, 2},
    {"Squeeze", {"half", "axis"}},
    {"Sub", {"image", "half"}},
    {"Sub", {"row", "image"}},
    {"Sum", {"image", "half", "row"}},
    {"Tanh"},
    {"Transpose", {"image"}, {integers("perm", {0, 3, 1, 2})}},
    {"Unsqueeze", {"image", "axis"}},
    {"Where", {"above", "image", "half"}},
    {"Where", {"mask", "half", "image"}},
    {"Where", {"mask", "low", "image"}},
};

inline OnnxModel model_of(const OperatorCase& one) {
  RandomData random(3);
  OnnxModel model;
  model.opset = one.opset;
  model.inputs = {{"image", true, {-1, 2, 4, 6}, 1}};
  model.outputs = {{"scores", true, {-1, -1}, 1}};
  const auto some = [&](const std::string& name, Sizes dims) {
    int size = 1;
    for (const std::int64_t dim : dims) size *= static_cast<int>(dim);
    model.constants[name] = floats(dims, random.numbers(size, 0.2F, 1.2F));
  };
  for (const auto& [name, dims] : std::map<std::string, Sizes>{{"row", {6}},
                                                               {"channel", {2}},
                                                               {"channel4", {4}},
                                                               {"group", {2}},
                                                               {"three", {3}},
                                                               {"grid", {1, 3, 4, 6}},
                                                               {"grid_flat", {48}},
                                                               {"kernel", {3, 2, 3, 2}},
                                                               {"kernel_t", {2, 3, 3, 2}},
                                                               {"kernel_d", {2, 1, 2, 3}},
                                                               {"kernel_g", {4, 1, 2, 2}},
                                                               {"matrix", {6, 5}},
                                                               {"left", {5, 4}},
                                                               {"features", {48, 3}},
                                                               {"slopes", {2, 1, 1}},
                                                               {"exponents", {4, 1}}}) {
    some(name, dims);
  }
  model.constants["low"] = floats({}, {-0.28F});
  model.constants["high"] = floats({}, {0.52F});
  model.constants["two"] = floats({}, {2});
  const std::map<std::string, std::vector<std::int64_t>> lists{{"shape", {1, 3, 4, 6}},
                                                               {"shape_wide", {0, 24, 2}},
                                                               {"indices", {4, 0, 1, 2, -1, -1}},
                                                               {"axis", {1}},
                                                               {"axes", {2, 3}},
                                                               {"starts", {3, 5}},
                                                               {"ends", {0, -100}},
                                                               {"steps", {-1, -2}},
                                                               {"pads", {0, 0, 2, 1, 0, 0, 1, -3}},
                                                               {"round", {0, 0, 2, 1, 0, 0, 1, 3}},
                                                               {"mask", {1, 0, 0, 1, 1, 0}}};
  for (const auto& [name, numbers] : lists) model.constants[name] = wholes(numbers);
  OnnxTensor index;
  index.whole = true;
  index.wholes = {1};
  model.constants["index"] = std::make_shared<OnnxTensor>(index);

  const auto add = [&](const std::string& op, std::vector<std::string> inputs,
                       const std::string& output, std::vector<OnnxAttribute> attributes = {}) {
    model.nodes.push_back(node(op, std::move(inputs), output));
    model.nodes.back().attributes = std::move(attributes);
  };
  add("ReduceMean", {"image"}, "mean", {integers("axes", {1})});
  add("Sigmoid", {"mean"}, "half");
  add("Transpose", {"image"}, "turned", {integers("perm", {0, 1, 3, 2})});
  add("Mul", {"image", "image"}, "squares");
  add("Concat", {"image", "squares"}, "four", {integer("axis", 1)});
  add("Flatten", {"image"}, "flat");
  add("Greater", {"image", "low"}, "above");
  add("Reshape", {"image", "shape_wide"}, "tall");
  add("Transpose", {"tall"}, "wide", {integers("perm", {0, 2, 1})});
  add(one.op, one.inputs, "y", one.attributes);
  if (one.op == "Split") model.nodes.back().outputs = {"unused", "y"};
  add("Mul", {"y", "two"}, "twice");  // a softmax is not the last
  add("Flatten", {"twice"}, "scores");
  return model;
}

// Pixels 0.04 apart, so that no two of them, nor one and a kink, are met on the way of a
// difference.
inline Matrix image_of(const OperatorCase& one, RandomData& random) {
  std::vector<int> places(48);
  for (int i = 0; i < 48; ++i) places[static_cast<std::size_t>(i)] = i;
  for (int i = 47; i > 0; --i) {
    std::swap(places[static_cast<std::size_t>(i)],
              places[static_cast<std::size_t>(random.below(i + 1))]);
  }
  Matrix image(1, 48);
  for (int i = 0; i < 48; ++i) {
    const float at = (static_cast<float>(places[static_cast<std::size_t>(i)]) - 23.5F) * 0.04F;
    image(0, i) = one.scale * at + one.shift;
  }
  return image;
}

}  // namespace inoculate
