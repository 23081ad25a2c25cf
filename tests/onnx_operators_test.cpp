// Every operator that is computed of the image's values: its gradient is what its values say by
// differences. (What the values are is for onnx_network_test and tools/onnx_suite.py.) And the
// documentation lists the operators that are read.
#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "base/error.h"
#include "catch.h"
#include "compare.h"
#include "golden_files.h"
#include "model/graph_classifier.h"
#include "nn/graph/import.h"
#include "nn/ops/scikit_learn.h"
#include "onnx_models.h"
#include "paths.h"
#include "random_data.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

// An operator asked for images [N, 2, 4, 6]. Its inputs are the image; what is made of it ("half",
// sigmoids [N, 1, 4, 6] of its means; "turned", the image with its last axes swapped; and so on);
// or constants of the model below.
struct Case {
  std::string op;
  std::vector<std::string> inputs{"image"};
  std::vector<OnnxAttribute> attributes{};
  float scale = 1, shift = 0;  // of the pixels
  std::int64_t opset = 13;
};

const Case kCases[] = {
    {"Abs"},
    {"Add", {"image", "half"}},
    {"Add", {"row", "image"}},
    {"AveragePool", {"image"}, {integers("kernel_shape", {2, 3}), integers("pads", {1, 1, 0, 1})}},
    {"BatchNormalization", {"image", "channel", "channel", "channel", "channel"}},
    {"Cast", {"image"}, {integer("to", 11)}},
    {"Ceil"},
    {"Clip", {"image", "low", "high"}},
    {"Concat", {"image", "half", "grid"}, {integer("axis", 1)}},
    {"Conv", {"image", "kernel"}, {integers("strides", {1, 2}), integers("pads", {1, 1, 1, 1})}},
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
    {"Pad", {"image", "pads"}, {text("mode", "wrap")}, 1, 0, 19},
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

OnnxModel model_of(const Case& one) {
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
Matrix image_of(const Case& one, RandomData& random) {
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

// Something else in place of what the model says somewhere.
void disturb(OnnxModel& model, RandomData& random) {
  constexpr std::int64_t kOdd[] = {
      0, 1, -1, 2, 3, 4, 6, 7, -2, 24, 4096, 1 << 20, 1LL << 31, 1LL << 40, INT64_MAX, INT64_MIN};
  const auto odd = [&] { return kOdd[random.below(static_cast<int>(std::size(kOdd)))]; };
  const auto one_of = [&](auto& list) -> auto& {
    return list[static_cast<std::size_t>(random.below(static_cast<int>(list.size())))];
  };
  OnnxNode& some =
      model.nodes.size() > 9 && random.below(4) > 0 ? model.nodes[9] : one_of(model.nodes);
  auto constant = model.constants.begin();
  std::advance(constant, random.below(static_cast<int>(model.constants.size())));
  OnnxTensor changed = *constant->second;
  switch (random.below(9)) {
    case 0:
      if (!some.inputs.empty()) one_of(some.inputs) = one_of(model.nodes).outputs[0];
      break;
    case 1:
      if (!some.inputs.empty()) one_of(some.inputs) = random.below(3) > 0 ? constant->first : "";
      break;
    case 2:
      some.op =
          operators()[static_cast<std::size_t>(random.below(static_cast<int>(operators().size())))]
              .name;
      break;
    case 3:
      if (!some.attributes.empty()) {
        OnnxAttribute& attribute = one_of(some.attributes);
        attribute.integer = odd();
        attribute.number = static_cast<float>(odd());
        if (!attribute.integers.empty()) one_of(attribute.integers) = odd();
      }
      break;
    case 4: {
      constexpr const char* kNames[] = {"axis",         "axes",        "group", "pads",
                                        "strides",      "perm",        "split", "num_groups",
                                        "kernel_shape", "output_shape"};
      some.attributes.push_back(integers(kNames[random.below(10)], {odd(), odd()}));
      some.attributes.back().integer = odd();
      break;
    }
    case 5:
      some.inputs.resize(static_cast<std::size_t>(random.below(5)), "image");
      break;
    case 6:
      for (std::int64_t& number : changed.wholes) number = random.below(2) > 0 ? odd() : number;
      constant->second = std::make_shared<OnnxTensor>(changed);
      break;
    case 7:  // of as many numbers, since the parser has seen to that
      if (random.below(2) > 0) changed.dims.push_back(1);
      std::reverse(changed.dims.begin(), changed.dims.end());
      constant->second = std::make_shared<OnnxTensor>(changed);
      break;
    default:
      one_of(model.inputs[0].dims) = random.below(3) > 0 ? random.below(5) : odd();
      if (random.below(3) == 0) model.inputs[0].dims[0] = 1;
  }
}

}  // namespace

TEST_CASE("operators: gradients are what differences of the values say") {
  RandomData random(1);
  for (const Case& one : kCases) {
    INFO(one.op << " " << one.inputs.back() << " " << one.opset);
    const GraphClassifier model(import_onnx(model_of(one), "a.onnx"), "a.onnx");
    const Matrix image = image_of(one, random);
    const int classes = model.spec().classes;
    const std::vector<float> weights = random.numbers(classes);

    // For every pixel the images at -2h, -h, h and 2h from it.
    constexpr float kSteps[] = {-2, -1, 1, 2}, kFactors[] = {1, -8, 8, -1};
    const float h = 0.008F * one.scale;
    Matrix moved = image.replicate(4 * 48, 1);
    for (int i = 0; i < 4 * 48; ++i) moved(i, i / 4) += kSteps[i % 4] * h;
    const Matrix logits = model.logits(moved);
    std::vector<double> expected(48);
    for (int i = 0; i < 4 * 48; ++i) {
      double value = 0;
      for (int k = 0; k < classes; ++k) {
        value += static_cast<double>(weights[static_cast<std::size_t>(k)]) * logits(i, k);
      }
      expected[static_cast<std::size_t>(i / 4)] += kFactors[i % 4] * value / (12 * h);
    }

    Matrix gradient[1];
    const LogitGradient given[] = {
        [&](float* d, const float*, int, int) { std::copy(weights.begin(), weights.end(), d); }};
    model.gradients(gradient, nullptr, image, given);
    const std::vector<float> found(gradient[0].data(), gradient[0].data() + 48);
    CHECK(largest_difference(found, expected) < 2e-3 * std::max(0.1, largest_magnitude(expected)));
  }
}

TEST_CASE("operators: nonsense is refused in one line, or answers") {
  RandomData random(7);
  int refused = 0, answered = 0;
  for (int round = 0; round < 6000; ++round) {
    const Case& one = kCases[random.below(static_cast<int>(std::size(kCases)))];
    OnnxModel model = model_of(one);
    for (int changes = 1 + random.below(3); changes > 0; --changes) disturb(model, random);
    INFO(round << " " << one.op);
    const bool reads = accepts("a.onnx", [&] {
      const GraphClassifier network(import_onnx(model, "a.onnx"), "a.onnx");
      if (network.spec().images_at_once < 64) return;
      const Matrix image = Matrix::Constant(1, network.spec().input.size(), 0.5F);
      Matrix gradient[1];
      const LogitGradient ones[] = {
          [&](float* d, const float*, int, int) { std::fill_n(d, network.spec().classes, 1.0F); }};
      network.gradients(gradient, nullptr, image, ones);
    });
    ++(reads ? answered : refused);
  }
  CHECK(refused > 1000);
  CHECK(answered > 1000);
}

TEST_CASE("operators: each that is computed of the image's values is among those above") {
  std::set<std::string> tested;
  for (const Case& one : kCases) tested.insert(one.op);
  for (const Operator& row : operators()) {
    INFO(row.name);
    CHECK((row.read != nullptr) == tested.contains(row.name));
  }
}

TEST_CASE("operators: the documentation lists all of them") {
  const Bytes bytes = read_whole_file(in_source("/docs/networks.md"));
  std::vector<std::string> computed, constant, ml;  // the first columns of its tables
  std::vector<std::string>* to = nullptr;
  std::istringstream lines(std::string(bytes.begin(), bytes.end()));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("| of the image's values")) to = &computed;
    if (line.starts_with("| of constants")) to = &constant;
    if (line.starts_with("| of ai.onnx.ml")) to = &ml;
    if (!line.starts_with("|")) to = nullptr;
    if (to == nullptr) continue;
    const std::string column = line.substr(0, line.find('|', 1));
    for (std::size_t at = column.find('`'); at != std::string::npos;) {
      const std::size_t end = column.find('`', at + 1);
      to->push_back(column.substr(at + 1, end - at - 1));
      at = column.find('`', end + 1);
    }
  }
  std::sort(ml.begin(), ml.end());
  std::vector<std::string> ml_expected;
  for (const Operator& row : scikit_learn_operators()) ml_expected.push_back(row.name);
  CHECK(ml == ml_expected);
  for (std::vector<std::string>* list : {&computed, &constant}) {
    std::sort(list->begin(), list->end());
    std::vector<std::string> expected;
    for (const Operator& row : operators()) {
      if ((row.read != nullptr) == (list == &computed)) expected.push_back(row.name);
    }
    CHECK(*list == expected);
  }
}
