#include "web/photo/network.h"

#include <algorithm>
#include <map>
#include <utility>

#include "attack/stored.h"
#include "base/error.h"
#include "base/quote.h"
#include "formats/onnx/model.h"
#include "model/graph_classifier.h"
#include "nn/graph/import.h"
#include "nn/graph/steps.h"
#include "picture/mnist_form.h"
#include "picture/photo.h"
#include "picture/prepare.h"

namespace inoculate::page {
namespace {

Json facts_of(const GraphClassifier& network) {
  const Graph& graph = network.graph();
  std::vector<std::pair<std::string, int>> layers;  // in the order in which they first come
  std::size_t parameters = 0;
  double multiply_adds = 0;
  for (int i = 0; i <= graph.output; ++i) {
    const Node& node = graph.node(i);
    if (!is_step(node)) continue;
    parameters += graph.parameters_of(node);
    if (node.kernel->multiply_adds != nullptr) {
      multiply_adds += node.kernel->multiply_adds(graph, node);
    }
    const std::string op = printable(node.op);
    const auto known =
        std::find_if(layers.begin(), layers.end(), [&](const auto& l) { return l.first == op; });
    if (known == layers.end()) {
      layers.emplace_back(op, 1);
    } else {
      ++known->second;
    }
  }
  Json counts = Json::array();
  for (const auto& [op, count] : layers) counts.push_back({{"operator", op}, {"count", count}});
  return {{"parameters", parameters}, {"multiply_adds", multiply_adds}, {"layers", counts}};
}

ModelNotes notes_of(const Json& object, const std::string& name) {
  try {
    return read_notes(object);
  } catch (const Error& error) {
    throw Error(name + ": what is said of it " + error.what());
  }
}

}  // namespace

Shape PhotoNetwork::shape() const {
  const Shape input = spec().input;
  return is_digit_shape(input) ? Shape{28, 28, 1} : input;
}

PhotoNetwork read_photo_network(ByteView file, const std::string& name, const Json& notes) {
  OnnxModel onnx = parse_onnx(file, name);
  const ModelNotes known = either(notes_of(notes, name), notes_of_metadata(onnx.metadata, name));
  const std::vector<std::string> told = onnx.notes;
  auto network = std::make_unique<GraphClassifier>(import_onnx(std::move(onnx), name), name);
  PhotoNetwork read{nullptr, known.pictures(), facts_of(*network)};
  read.classifier = std::make_unique<PreprocessedClassifier>(std::move(network), known);
  const Shape shape = read.shape();
  if ((shape.c != 1 && shape.c != 3) || shape.size() == shape.c) {
    throw Error(name + ": takes " + std::to_string(shape.h) + " x " + std::to_string(shape.w) +
                " pixels of " + std::to_string(shape.c) +
                " channels, and pictures have one channel or three");
  }
  Json preprocessing = to_json(known);
  preprocessing.erase("classes");
  read.facts.update({{"width", shape.w},
                     {"height", shape.h},
                     {"channels", shape.c},
                     {"classes", read.spec().classes},
                     {"resize", known.pictures().resize},
                     {"preprocessing", std::move(preprocessing)},
                     {"notes", told}});
  return read;
}

PhotoImage photo_image(const PhotoNetwork& network, const ColorPicture& picture,
                       const std::string& name, bool cropped) {
  const auto image_of = [](const auto& prepared) {
    const Eigen::Map<const Matrix> pixels(prepared.pixels.data(), 1,
                                          static_cast<Eigen::Index>(prepared.pixels.size()));
    return PhotoImage{as_stored(pixels), prepared.how};
  };
  if (!is_digit_shape(network.spec().input)) {
    const Shape shape = network.spec().input;
    PictureRule rule = network.rule;
    if (cropped) rule.resize = std::min(shape.h, shape.w);
    return image_of(prepare_photo(picture, shape, rule, name));
  }
  if (auto pixels = grey_digit_pixels(picture)) {
    return image_of(PreparedDigit{std::move(*pixels), "as it is"});
  }
  return image_of(prepare_picture(picture, name));
}

ColorPicture picture_of_image(const float* pixels, Shape shape) {
  ColorPicture picture{shape.w, shape.h, {}};
  const std::vector<std::uint8_t> levels =
      to_levels(pixels, static_cast<std::size_t>(shape.size()));
  picture.rgba.reserve(levels.size() / static_cast<std::size_t>(shape.c) * 4);
  for (std::size_t i = 0; i < levels.size(); i += static_cast<std::size_t>(shape.c)) {
    for (std::size_t c = 0; c < 3; ++c) {
      picture.rgba.push_back(levels[i + (shape.c == 3 ? c : 0)]);
    }
    picture.rgba.push_back(255);
  }
  return picture;
}

}  // namespace inoculate::page
