#include "model/model_json.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "data/json.h"
#include "data/json_number.h"
#include "model/ensemble.h"
#include "model/graph_classifier.h"

namespace inoculate {
namespace {

using Json = nlohmann::json;

constexpr JsonLimits kLimits{8, 4'000'000};
constexpr std::int64_t kLargestInput = std::int64_t{1} << 26;
constexpr int kMostClasses = 1'000'000;
constexpr std::size_t kMostEnsembleParts = 1000;

class Reader {
 public:
  Reader(const Json& file, const std::string& name) : file_(file), name_(name) {}

  JsonModel read() {
    if (!file_.is_object()) refuse("holds no JSON object");
    if (!file_.contains("kind")) {
      refuse(
          "the model has no 'kind'; it is 'linear', 'svm', 'tree' or 'ensemble' (notes on an ONNX "
          "network lie beside it: give its .onnx)");
    }
    const std::string kind = text(member(file_, "kind", kModel), "the model's 'kind'");
    JsonModel model;
    if (kind == "ensemble") {
      model.model = read_parts();
    } else if (kind == "linear" || kind == "svm") {
      read_form(model);
      model.model = read_linear(kind == "svm");
    } else if (kind == "tree") {
      read_form(model);
      model.model = read_tree();
    } else {
      refuse("the model's 'kind' " + quote(kind) +
             " is unknown; known are 'linear', 'svm', 'tree' and 'ensemble'");
    }
    if (file_.contains("metadata")) read_metadata(model.metadata);
    return model;
  }

 private:
  static constexpr const char* kModel = "the model";

  [[noreturn]] void refuse(const std::string& what) const { throw Error(name_ + ": " + what); }

  const Json& member(const Json& object, const char* key, const std::string& owner) const {
    const auto found = object.find(key);
    if (found == object.end()) refuse(owner + " has no " + quote(key));
    return *found;
  }

  // A misspelt key would be as good as none.
  void require_known(const Json& object, std::initializer_list<std::string_view> known,
                     const std::string& owner) const {
    for (const auto& [key, value] : object.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        refuse(owner + " has " + quote(key) + ", which means nothing here");
      }
    }
  }

  std::string text(const Json& json, const std::string& what) const {
    if (!json.is_string()) refuse(what + " is no text");
    return json.get<std::string>();
  }

  int whole(const Json& json, std::int64_t low, std::int64_t high, const std::string& what) const {
    const auto value = json_integer(json, low, high);
    if (!value) {
      refuse(what + " is no whole number from " + std::to_string(low) + " to " +
             std::to_string(high));
    }
    return static_cast<int>(*value);
  }

  double real(const Json& json, double low, double high, const std::string& what) const {
    const auto value = json_real(json, low, high);
    if (!value) refuse(what + (low < 0 ? " is no number" : " is no number from 0 on"));
    return *value;
  }

  const Json& list(const Json& json, std::size_t size, const std::string& what) const {
    if (!json.is_array() || json.size() != size) {
      refuse(what + " is no list of " + std::to_string(size) +
             (json.is_array() ? ", but of " + std::to_string(json.size()) : ""));
    }
    return json;
  }

  void read_form(JsonModel& model) {
    read_input();
    read_classes(model.class_names);
  }

  void read_input() {
    const Json& extents = list(member(file_, "input", kModel), 3, "the model's 'input'");
    const auto extent = [&](std::size_t i) {
      return whole(extents[i], 1, kLargestInput, "an extent of the model's 'input'");
    };
    input_ = {extent(0), extent(1), extent(2)};
    const std::int64_t sizes[] = {input_.h, input_.w, input_.c};
    const auto count = element_count(sizes);
    if (!count || *count > kLargestInput) refuse("the model's 'input' is impossibly large");
  }

  void read_classes(std::vector<std::string>& names) {
    const Json& classes = member(file_, "classes", kModel);
    if (classes.is_array()) {
      for (const Json& json : classes) {
        names.push_back(printable(text(json, "a name of 'classes'")));
        if (names.back().empty()) refuse("a name of 'classes' is empty");
      }
      if (names.size() < 2 || names.size() > static_cast<std::size_t>(kMostClasses)) {
        refuse("the model's 'classes' are " + std::to_string(names.size()) +
               "; a classifier has 2 to " + std::to_string(kMostClasses));
      }
      classes_ = static_cast<int>(names.size());
    } else {
      classes_ = whole(classes, 2, kMostClasses, "the model's 'classes', if not names,");
    }
  }

  void read_metadata(std::map<std::string, std::string>& metadata) const {
    const Json& entries = file_["metadata"];
    if (!entries.is_object()) refuse("the model's 'metadata' is no object");
    for (const auto& [key, value] : entries.items()) {
      metadata[key] = text(value, "the metadata's " + quote(key));
    }
  }

  // Whether the files are good is for who loads them to say; that they lie beside this one or below
  // it is said here, so that a file from elsewhere reaches no others.
  EnsembleParts read_parts() const {
    require_known(file_, {"kind", "parts", "metadata"}, kModel);
    const Json& parts = member(file_, "parts", kModel);
    if (!parts.is_array() || parts.size() < 2 || parts.size() > kMostEnsembleParts) {
      refuse("the model's 'parts' are no list of 2 to " + std::to_string(kMostEnsembleParts) +
             " names of files");
    }
    EnsembleParts ensemble;
    for (const Json& part : parts) {
      ensemble.files.push_back(text(part, "a name of 'parts'"));
      if (!is_below(ensemble.files.back())) {
        refuse("the part " + quote(ensemble.files.back()) +
               " is no file beside the ensemble's or below; give such a name, without '..'");
      }
    }
    return ensemble;
  }

  static bool is_below(std::string_view path) {
    if (path.find_first_of(std::string_view("\\\0", 2)) != path.npos) return false;
    while (true) {
      const std::size_t end = path.find('/');
      const std::string_view word = path.substr(0, end);
      if (word.empty() || word == "." || word == "..") return false;
      if (end == path.npos) return true;
      path.remove_prefix(end + 1);
    }
  }

  Linear read_linear(bool is_svm) const {
    require_known(file_, {"kind", "input", "classes", "weights", "bias", "metadata"}, kModel);
    constexpr double kLargest = std::numeric_limits<float>::max();
    const auto number = [&](const Json& json, const std::string& what) {
      return static_cast<float>(real(json, -kLargest, kLargest, what));
    };
    const auto classes = static_cast<std::size_t>(classes_);
    const auto features = static_cast<std::size_t>(input_.size());
    const Json& rows = list(member(file_, "weights", kModel), classes, "the model's 'weights'");
    const Json& bias = list(member(file_, "bias", kModel), classes, "the model's 'bias'");
    Linear linear{input_, classes_, {}, {}, is_svm};
    // Every row has its length before there is room for all.
    for (std::size_t k = 0; k < classes; ++k) {
      list(rows[k], features, "row " + std::to_string(k) + " of 'weights'");
    }
    linear.kernel.resize(features * classes);
    for (std::size_t k = 0; k < classes; ++k) {
      const std::string what = "a number in row " + std::to_string(k) + " of 'weights'";
      for (std::size_t i = 0; i < features; ++i) {
        linear.kernel[i * classes + k] = number(rows[k][i], what);
      }
      linear.bias.push_back(number(bias[k], "number " + std::to_string(k) + " of 'bias'"));
    }
    return linear;
  }

  Tree read_tree() const {
    require_known(file_, {"kind", "input", "classes", "nodes", "metadata"}, kModel);
    const Json& nodes = member(file_, "nodes", kModel);
    if (!nodes.is_array()) refuse("the model's 'nodes' are no list");
    Tree tree{input_, classes_, {}, {}};
    int leaves = 0;
    for (const Json& json : nodes) {
      const std::string owner = "node " + std::to_string(tree.nodes.size());
      if (!json.is_object()) refuse(owner + " is no object");
      TreeNode node;
      if (json.contains("counts")) {
        node.leaf = leaves++;
        read_leaf(json, owner, tree.counts);
      } else {
        require_known(json, {"feature", "threshold", "left", "right"}, owner);
        const auto number = [&](const char* key) {
          return whole(member(json, key, owner), 0, std::numeric_limits<int>::max(),
                       owner + "'s " + quote(key));
        };
        constexpr double kFar = std::numeric_limits<double>::max();
        node.feature = number("feature");
        node.threshold =
            real(member(json, "threshold", owner), -kFar, kFar, owner + "'s 'threshold'");
        node.left = number("left");
        node.right = number("right");
      }
      tree.nodes.push_back(node);
    }
    return tree;
  }

  void read_leaf(const Json& json, const std::string& owner, std::vector<double>& counts) const {
    require_known(json, {"counts"}, owner);
    const std::string what = owner + "'s 'counts'";
    double largest = 0;
    for (const Json& count : list(json["counts"], static_cast<std::size_t>(classes_), what)) {
      const double value =
          real(count, 0, std::numeric_limits<double>::max(), "a number in " + what);
      counts.push_back(value);
      largest = std::max(largest, value);
    }
    if (largest == 0) refuse(what + " are all 0; a leaf has a class");
  }

  const Json& file_;
  const std::string& name_;
  Shape input_;
  int classes_ = 0;
};

}  // namespace

JsonModel parse_model_json(ByteView file, const std::string& name) {
  std::optional<Json> json;
  try {
    json = parse_json({reinterpret_cast<const char*>(file.data()), file.size()}, kLimits);
  } catch (const Error& error) {
    throw Error(name + ": " + error.what());
  }
  return Reader(*json, name).read();
}

std::unique_ptr<Classifier> classifier_of(JsonModel model, const std::string& name,
                                          const LoadPart& load_part) {
  if (auto* tree = std::get_if<Tree>(&model.model)) {
    return std::make_unique<TreeClassifier>(std::move(*tree), name, std::move(model.class_names));
  }
  if (const auto* linear = std::get_if<Linear>(&model.model)) {
    return std::make_unique<GraphClassifier>(
        graph_of(*linear), name, std::move(model.class_names),
        linear->is_svm ? ModelKind::kLinearSvm : ModelKind::kOther);
  }
  if (!load_part) throw Error(name + ": is an ensemble, which cannot be a part of another");
  std::vector<std::unique_ptr<Classifier>> parts;
  for (const std::string& part : std::get<EnsembleParts>(model.model).files) {
    parts.push_back(load_part(part));
  }
  return std::make_unique<EnsembleClassifier>(std::move(parts), name);
}

std::unique_ptr<Classifier> read_model_json(ByteView file, const std::string& name,
                                            const LoadPart& load_part) {
  return classifier_of(parse_model_json(file, name), name, load_part);
}

}  // namespace inoculate
