#include "nn/ops/scikit_learn.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/quote.h"

namespace inoculate {
namespace {

constexpr const char* kClassifier = "LinearClassifier";

bool is_classifier(const OnnxNode& node) {
  return node.domain == "ai.onnx.ml" && node.op == kClassifier;
}

// Whether a node shows scores or labels in another form, and changes no order among the scores.
bool shows(const OnnxNode& node) {
  constexpr std::array<std::string_view, 6> kShowing{
      "ArgMax", "ArrayFeatureExtractor", "Cast", "Identity", "Normalizer", "ZipMap"};
  return std::find(kShowing.begin(), kShowing.end(), node.op) != kShowing.end();
}

}  // namespace

const std::vector<Operator>& scikit_learn_operators() {
  static const std::vector<Operator> rows{{kClassifier, read_linear_classifier},
                                          {"Normalizer", read_normalizer},
                                          {"Scaler", read_scaler}};
  return rows;
}

void keep_scores(OnnxModel& model, const std::string& file) {
  const auto found = std::find_if(model.nodes.begin(), model.nodes.end(), is_classifier);
  if (found == model.nodes.end()) return;
  const auto refuse = [&](const OnnxNode& node, const std::string& what) {
    throw Error(file + ": node " + quote(node.name) + " (" + printable(node.op) + ") " + what);
  };
  if (found->outputs.size() < 2 || found->outputs[1].empty()) {
    refuse(*found, "gives labels alone; export it with its scores or probabilities");
  }
  std::set<std::string> behind(found->outputs.begin(), found->outputs.end());
  std::vector<OnnxNode> kept(model.nodes.begin(), found);
  for (auto node = found + 1; node != model.nodes.end(); ++node) {
    const bool follows =
        std::any_of(node->inputs.begin(), node->inputs.end(),
                    [&](const std::string& input) { return behind.contains(input); });
    if (is_classifier(*node)) refuse(*node, "is a second classifier; one is read");
    if (!follows) {
      kept.push_back(*node);
      continue;
    }
    if (!shows(*node)) refuse(*node, "works on a classifier's scores, which is not supported");
    behind.insert(node->outputs.begin(), node->outputs.end());
  }
  for (const OnnxValueInfo& output : model.outputs) {
    if (!behind.contains(output.name)) {
      throw Error(file + ": its output " + quote(output.name) +
                  " does not come from its classifier; export the classifier alone");
    }
  }
  OnnxNode classifier = *found;
  const std::string scores = classifier.outputs[1];
  classifier.outputs = {scores};
  // Names of classes are texts, which are not read; their numbers are their order.
  std::erase_if(classifier.attributes, [](const OnnxAttribute& attribute) {
    return attribute.name == "classlabels_strings";
  });
  kept.push_back(std::move(classifier));
  model.nodes = std::move(kept);
  model.outputs = {{scores, false, {}, 1}};
}

}  // namespace inoculate
