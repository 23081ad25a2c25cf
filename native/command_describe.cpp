// inoculate describe: what a model is made of, and whether it computes here what it did
// elsewhere.
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/quote.h"
#include "model/ensemble.h"
#include "model/graph_classifier.h"
#include "model/neighbours.h"
#include "model/network_classifier.h"
#include "model/network_graph.h"
#include "model/preprocessed.h"
#include "model/tree.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/logits_check.h"
#include "native/output.h"
#include "native/preprocess_options.h"
#include "native/text.h"
#include "nn/graph/steps.h"

namespace inoculate {
namespace {

struct Options {
  std::string model;
  PreprocessOptions preprocess;
  LogitsCheck check;
};

// A step of the network that does something.
struct Row {
  std::string name, kind;
  std::vector<int> shape;
  std::size_t parameters = 0;
  double multiply_adds = 0;
};

struct Description {
  Shape input;
  int classes = 0;
  std::vector<Row> rows;
  std::optional<double> difference;  // from the logits given
  Preprocessing preprocessing{};
  std::vector<std::string> class_names{};
};

std::vector<Row> rows_of(const Graph& graph) {
  std::vector<Row> rows;
  for (int i = 0; i <= graph.output; ++i) {  // a softmax behind the logits is left out
    const Node& node = graph.node(i);
    if (!is_step(node)) continue;
    const auto multiply_adds = node.kernel->multiply_adds;
    rows.push_back({printable(node.name), printable(node.op), node.shape, graph.parameters_of(node),
                    multiply_adds == nullptr ? 0 : multiply_adds(graph, node)});
  }
  return rows;
}

std::vector<Row> rows_of(const Classifier& model) {
  if (const auto* graph = dynamic_cast<const GraphClassifier*>(&model)) {
    return rows_of(graph->graph());
  }
  if (const auto* own = dynamic_cast<const NetworkClassifier*>(&model)) {
    return rows_of(graph_of(own->network()));
  }
  if (const auto* tree = dynamic_cast<const TreeClassifier*>(&model)) {
    const std::vector<TreeNode>& nodes = tree->nodes();
    const auto leaves =
        std::count_if(nodes.begin(), nodes.end(), [](const TreeNode& n) { return n.leaf >= 0; });
    return {{std::to_string(nodes.size()) + " nodes, " + std::to_string(leaves) + " leaves",
             "DecisionTree",
             {model.spec().classes}}};
  }
  if (const auto* neighbours = dynamic_cast<const NeighboursClassifier*>(&model)) {
    return {{std::to_string(neighbours->model().k) + " of " +
                 std::to_string(neighbours->model().labels.size()) + " training images",
             "NearestNeighbours",
             {model.spec().classes}}};
  }
  if (const auto* ensemble = dynamic_cast<const EnsembleClassifier*>(&model)) {
    std::vector<Row> rows;
    for (const auto& part : ensemble->parts()) {
      rows.push_back({printable(part->spec().name), "Vote", {part->spec().classes}});
    }
    return rows;
  }
  return {};
}

Description description_of(const Options& options) {
  ModelNotes notes = notes_of(options.preprocess);
  const std::unique_ptr<Classifier> whole = load_classifier(options.model, &notes);
  // Logits are checked of what the network itself is given, as others compute them.
  const auto* prepares = dynamic_cast<const PreprocessedClassifier*>(whole.get());
  const Classifier& model = prepares == nullptr ? *whole : prepares->network();
  const ModelSpec& spec = model.spec();
  Description description{spec.input, spec.classes, rows_of(model), {}};
  description.difference = check_logits(
      options.check, spec.input, spec.classes,
      [&](const Matrix& images) { return model.logits(images); }, options.model,
      "how the images were prepared, and whether these are logits or probabilities");
  if (prepares != nullptr) description.preprocessing = prepares->preprocessing();
  description.class_names = whole->spec().class_names;
  return description;
}

std::string shape_text(const std::vector<int>& shape) {
  std::string text;
  for (const int extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
  return text;
}

std::string list_text(const std::vector<float>& values) {
  std::string text;
  for (const float value : values) text += (text.empty() ? "" : ", ") + exact(value);
  return text;
}

std::string text_of(const Preprocessing& p) {
  const Preprocessing none;
  std::string text = "pixels to " + exact(p.input_range.low) + ".." + exact(p.input_range.high);
  if (p.bgr) text += ", blue first";
  if (p.mean != none.mean) text += ", less " + list_text(p.mean);
  if (p.std != none.std) text += ", divided by " + list_text(p.std);
  return text;
}

std::string millions(double count) { return count == 0 ? "" : fixed(count / 1e6, 3); }

void print_text(const Description& d, std::size_t parameters, double multiply_adds) {
  std::vector<std::vector<std::string>> rows{
      {"layer", "operator", "gives", "parameters", "million multiply-adds"}};
  for (const Row& row : d.rows) {
    rows.push_back({row.name, row.kind, shape_text(row.shape),
                    row.parameters == 0 ? "" : std::to_string(row.parameters),
                    millions(row.multiply_adds)});
  }
  print_table(std::cout, rows, 3);
  std::cout << "\ninput          " << shape_text({d.input.h, d.input.w, d.input.c})
            << "\npreprocessing  " << text_of(d.preprocessing) << "\nclasses        " << d.classes;
  if (!d.class_names.empty()) {
    std::cout << ", " << d.class_names.front() << " to " << d.class_names.back();
  }
  std::cout << "\nparameters     " << parameters << "\nmultiply-adds  "
            << fixed(multiply_adds / 1e6, 3) << " million an image\n";
  if (d.difference) {
    std::cout << "checked        its logits are those given, within " << number(*d.difference)
              << '\n';
  }
}

void print_json(const Description& d, std::size_t parameters, double multiply_adds) {
  Json json{{"input", {d.input.h, d.input.w, d.input.c}},
            {"classes", d.classes},
            {"parameters", parameters},
            {"multiply_adds", multiply_adds},
            {"checked", d.difference.has_value()},
            {"layers", Json::array()}};
  if (d.difference) json["largest_difference"] = *d.difference;
  const Preprocessing& p = d.preprocessing;
  json["preprocessing"] = {{"input_range", {p.input_range.low, p.input_range.high}},
                           {"mean", p.mean},
                           {"std", p.std},
                           {"channels", p.bgr ? "bgr" : "rgb"}};
  if (!d.class_names.empty()) json["class_names"] = d.class_names;
  for (const Row& row : d.rows) {
    json["layers"].push_back({{"name", row.name},
                              {"operator", row.kind},
                              {"gives", row.shape},
                              {"parameters", row.parameters},
                              {"multiply_adds", row.multiply_adds}});
  }
  print_object(json);
}

void describe(const Options& options, bool json) {
  const Description description = description_of(options);
  std::size_t parameters = 0;
  double multiply_adds = 0;
  for (const Row& row : description.rows) {
    parameters += row.parameters;
    multiply_adds += row.multiply_adds;
  }
  const auto print = json ? print_json : print_text;
  print(description, parameters, multiply_adds);
}

}  // namespace

void add_describe(Command app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  Command command = app.add_subcommand(
      "describe", "What a model is made of: layers, shapes, parameters, multiply-adds");
  command.add_option("--model,model", options->model, kModelFiles).required();
  add_check_options(command, options->check);
  add_preprocess_options(command, options->preprocess);
  add_common_options(command, common);
  command.callback([options, &common] { describe(*options, common.json); });
}

}  // namespace inoculate
