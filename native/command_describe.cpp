// inoculate describe: what a network is made of, and whether it computes here what it did
// elsewhere.
#include <iostream>
#include <memory>
#include <optional>
#include <variant>

#include "base/error.h"
#include "base/quote.h"
#include "model/graph_classifier.h"
#include "model/network_classifier.h"
#include "native/classifier.h"
#include "native/commands.h"
#include "native/logits_check.h"
#include "native/model.h"
#include "native/output.h"
#include "native/text.h"
#include "nn/graph/import.h"

namespace inoculate {
namespace {

struct Options {
  std::string model;
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
};

Description describe_onnx(const Options& options, ByteView file) {
  const GraphClassifier model(read_onnx_graph(file, options.model), options.model);
  Description description{model.spec().input, model.spec().classes, {}, {}};
  const Graph& graph = model.graph();
  for (int i = 0; i <= graph.output; ++i) {  // a softmax behind the logits is left out
    const Node& node = graph.node(i);
    if (node.kernel == nullptr || node.kernel->alias || node.kernel == &kConstant) continue;
    const auto multiply_adds = node.kernel->multiply_adds;
    description.rows.push_back({printable(node.name), printable(node.op), node.shape,
                                graph.parameters_of(node),
                                multiply_adds == nullptr ? 0 : multiply_adds(graph, node)});
  }
  description.difference = check_logits(
      options.check, description.input, description.classes,
      [&](const Matrix& images) { return model.logits(images); }, options.model,
      "what came before the logits, and whether these are probabilities");
  return description;
}

Row row_of(const Layer& layer, const LayerSpec& spec) {
  Row row{"", "", {layer.out.h, layer.out.w, layer.out.c}, 0, 0};
  const auto out = static_cast<std::size_t>(layer.out.size());
  if (const auto* conv = std::get_if<ConvLayer>(&layer.op)) {
    const auto kernel = static_cast<std::size_t>(conv->conv.kernel_size());
    const auto filters = static_cast<std::size_t>(layer.out.c);
    row.name = std::get<ConvSpec>(spec).name;
    row.kind = "Conv";
    row.parameters = kernel + filters;
    row.multiply_adds = static_cast<double>(out / filters * kernel);
  } else if (std::holds_alternative<DenseLayer>(layer.op)) {
    const std::size_t kernel = static_cast<std::size_t>(layer.in.size()) * out;
    row.name = std::get<DenseSpec>(spec).name;
    row.kind = "Dense";
    row.parameters = kernel + out;
    row.multiply_adds = static_cast<double>(kernel);
  } else if (std::holds_alternative<BatchNormLayer>(layer.op)) {
    row.name = std::get<BatchNormSpec>(spec).name;
    row.kind = "BatchNormalization";
    row.parameters = 2 * static_cast<std::size_t>(layer.out.c);
  } else {
    row.kind = std::holds_alternative<ReluLayer>(layer.op) ? "Relu" : "Dropout";
  }
  return row;
}

Description describe_own(const Options& options, ByteView file) {
  const Network network = model_of(safetensors_of(file, options.model), options.model);
  const Architecture& architecture = network.architecture();
  Description description{architecture.input, network.classes(), {}, {}};
  for (std::size_t i = 0; i < network.layers().size(); ++i) {
    description.rows.push_back(row_of(network.layers()[i], architecture.layers[i]));
  }
  description.difference = check_logits(
      options.check, description.input, description.classes,
      [&](const Matrix& images) { return NetworkClassifier(network).logits(images); },
      options.model, "how the images were prepared");
  return description;
}

std::string shape_text(const std::vector<int>& shape) {
  std::string text;
  for (const int extent : shape) text += (text.empty() ? "" : " x ") + std::to_string(extent);
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
            << "\nclasses        " << d.classes << "\nparameters     " << parameters
            << "\nmultiply-adds  " << millions(multiply_adds) << " million an image\n";
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
  const ModelFile file = read_model_file(options.model);
  const Description description =
      file.is_onnx ? describe_onnx(options, file.bytes) : describe_own(options, file.bytes);
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

void add_describe(CLI::App& app, CommonOptions& common) {
  auto options = std::make_shared<Options>();
  CLI::App& command = *app.add_subcommand(
      "describe", "What a network is made of: layers, shapes, parameters, multiply-adds");
  command.add_option("--model,model", options->model, kModelFiles)->required();
  add_check_options(command, options->check);
  add_common_options(command, common);
  command.callback([options, &common] { describe(*options, common.json); });
}

}  // namespace inoculate
