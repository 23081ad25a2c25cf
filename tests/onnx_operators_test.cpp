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
#include "operator_cases.h"
#include "paths.h"
#include "random_data.h"
#include "refusal_of.h"

using namespace inoculate;

namespace {

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
  for (const OperatorCase& one : kOperatorCases) {
    RandomData random(3);  // of images with no kink of Min and Max on the way of a difference
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
    const OperatorCase& one =
        kOperatorCases[random.below(static_cast<int>(std::size(kOperatorCases)))];
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
  for (const OperatorCase& one : kOperatorCases) tested.insert(one.op);
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
