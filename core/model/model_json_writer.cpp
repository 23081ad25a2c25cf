#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "data/json.h"
#include "model/model_json.h"

namespace inoculate {
namespace {

using Json = nlohmann::ordered_json;

// The fewest digits that are read back as the same float. JSON's -0 is a whole number and has no
// sign when it is read; -0.0 keeps it.
std::string short_text(float value) {
  if (value == 0) return std::signbit(value) ? "-0.0" : "0";
  std::array<char, 32> text{};
  for (int digits = 6; digits <= 9; ++digits) {
    std::snprintf(text.data(), text.size(), "%.*g", digits, static_cast<double>(value));
    if (std::strtof(text.data(), nullptr) == value) break;
  }
  return text.data();
}

std::string list_text(const std::vector<std::string>& items, const char* between) {
  std::string text = "[";
  for (const std::string& item : items) text += (text.size() > 1 ? between : "") + item;
  return text + "]";
}

std::string lines_text(const std::vector<std::string>& lines) { return list_text(lines, ",\n  "); }

class Writer {
 public:
  std::string text_of(const JsonModel& model) {
    std::visit([&](const auto& one) { add_model(one, model.class_names); }, model.model);
    if (!model.metadata.empty()) add("metadata", Json(model.metadata));
    return text_ + "}\n";
  }

 private:
  void add_text(const char* key, const std::string& value) {
    text_ += (text_.size() > 1 ? ",\n \"" : "\"") + std::string(key) + "\": " + value;
  }

  void add(const char* key, const Json& value) {
    // Names and metadata may come from files: what is no UTF-8 has replacement characters.
    add_text(key, value.dump(-1, ' ', false, Json::error_handler_t::replace));
  }

  void add_form(const char* kind, const Shape& input, int classes,
                const std::vector<std::string>& names) {
    add("kind", kind);
    add("input", {input.h, input.w, input.c});
    add("classes", names.empty() ? Json(classes) : Json(names));
  }

  void add_model(const Linear& linear, const std::vector<std::string>& names) {
    add_form(linear.is_svm ? "svm" : "linear", linear.input, linear.classes, names);
    std::vector<std::string> rows, bias;
    const auto classes = static_cast<std::size_t>(linear.classes);
    for (std::size_t k = 0; k < classes; ++k) {
      std::vector<std::string> row;
      for (std::size_t i = k; i < linear.kernel.size(); i += classes) {
        row.push_back(short_text(linear.kernel[i]));
      }
      rows.push_back(list_text(row, ","));
      bias.push_back(short_text(linear.bias[k]));
    }
    add_text("weights", lines_text(rows));
    add_text("bias", list_text(bias, ","));
  }

  void add_model(const Tree& tree, const std::vector<std::string>& names) {
    add_form("tree", tree.input, tree.classes, names);
    std::vector<std::string> nodes;
    for (const TreeNode& node : tree.nodes) {
      Json json;
      if (node.leaf < 0) {
        json = {{"feature", node.feature},
                {"threshold", node.threshold},
                {"left", node.left},
                {"right", node.right}};
      } else {
        const auto first = tree.counts.begin() + std::ptrdiff_t{node.leaf} * tree.classes;
        json = {{"counts", std::vector<double>(first, first + tree.classes)}};
      }
      nodes.push_back(json.dump());
    }
    add_text("nodes", lines_text(nodes));
  }

  void add_model(const EnsembleParts& ensemble, const std::vector<std::string>&) {
    add("kind", "ensemble");
    add("parts", ensemble.files);
  }

  std::string text_ = "{";
};

}  // namespace

Bytes write_model_json(const JsonModel& model) {
  const std::string text = Writer().text_of(model);
  return {text.begin(), text.end()};
}

}  // namespace inoculate
