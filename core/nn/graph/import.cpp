#include "nn/graph/import.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "nn/graph/constants.h"
#include "nn/ops/scikit_learn.h"

namespace inoculate {
namespace {

constexpr std::int64_t kLargestTensor = std::int64_t{1} << 26;   // floats an image
constexpr std::int64_t kMostConstants = std::int64_t{1} << 28;   // numbers that are worked out
constexpr std::int64_t kLargestNetwork = std::int64_t{1} << 28;  // floats an image of all nodes

std::string name_of(const OnnxNode& node) {
  return node.name.empty() && !node.outputs.empty() ? node.outputs[0] : node.name;
}

const std::vector<Operator>& operators_of(const OnnxNode& node) {
  return node.domain == "ai.onnx.ml" ? scikit_learn_operators() : operators();
}

std::string supported_operators(const OnnxNode& node) {
  std::string names;
  for (const Operator& row : operators_of(node))
    names += (names.empty() ? "" : ", ") + std::string(row.name);
  return names;
}

std::string text_of(const Sizes& dims) {
  std::string text = "[";
  for (const std::int64_t dim : dims) {
    if (text.size() > 1) text += ", ";
    text += dim < 0 || dim == kFreeBatch ? "?" : std::to_string(dim);
  }
  return text + "]";
}

}  // namespace

Import::Import(OnnxModel model, std::string file)
    : model_(std::move(model)), file_(std::move(file)) {}

Graph import_onnx(OnnxModel model, const std::string& file) {
  keep_scores(model, file);
  return Import(std::move(model), file).read();
}

Graph Import::read() {
  for (const auto& [name, tensor] : model_.constants)
    values_[name] = {tensor, -1, tensor->dims, {}};
  const OnnxValueInfo* image = nullptr;
  for (const OnnxValueInfo& input : model_.inputs) {
    if (model_.constants.contains(input.name)) continue;  // older files list weights there too
    if (image != nullptr) {
      throw Error(file_ + ": has several inputs (" + quote(image->name) + ", " + quote(input.name) +
                  "); an image classifier has one");
    }
    image = &input;
  }
  if (image == nullptr) throw Error(file_ + ": has no input; name an image classifier");
  read_input(*image);
  make_room();
  for (const OnnxNode& node : model_.nodes) {
    read_node(node);
    drop_inputs(node);
  }
  graph_.output = find_logits();
  return std::move(graph_);
}

void Import::read_input(const OnnxValueInfo& info) {
  const auto refuse_input = [&](const std::string& what) {
    throw Error(file_ + ": its input " + quote(info.name) + " " + what);
  };
  Sizes dims = info.dims;
  if (info.element_type != 1) refuse_input("is not of float32; export it with such an input");
  if (!info.has_shape || dims.size() < 2 || dims.size() > 4) {
    refuse_input("has the shape " + text_of(dims) +
                 "; networks that take [N, C, H, W], [N, H, W, C], [N, H, W] or [N, features] are "
                 "read");
  }
  if (dims[0] > 1) {
    refuse_input("takes batches of exactly " + std::to_string(dims[0]) +
                 "; export it with a free batch, or for one image");
  }
  dims[0] = batch_ = dims[0] < 0 ? kFreeBatch : 1;
  if (std::any_of(dims.begin(), dims.end(),
                  [](std::int64_t dim) { return dim < 0 || dim > kLargestTensor; })) {
    refuse_input("has the shape " + text_of(info.dims) +
                 ": all extents but the batch must be known; export it for a fixed size");
  }
  // Channels are 1, 3 or 4; of [N, 3, 3, 3] too, the file's axis 1 is the usual place.
  const auto are_channels = [](std::int64_t extent) {
    return extent == 1 || extent == 3 || extent == 4;
  };
  Value value{nullptr, 0, dims, {0, 1, 2, 3}};
  value.order.resize(dims.size());
  if (dims.size() == 4 && (!are_channels(dims[3]) || are_channels(dims[1]))) {
    value.order = {0, 2, 3, 1};
  }
  value = add(kReshape, {}, dims, value.order);
  graph_.nodes[0].kernel = nullptr;
  graph_.nodes[0].name = info.name;
  values_[info.name] = value;
}

// For all numbers at once: an arena that grew would be copied again and again.
void Import::make_room() {
  std::size_t floats = 0;
  for (auto& [name, tensor] : model_.constants) {
    floats += tensor->floats.size() + kCacheLine;
    tensor.reset();  // values_ has it
  }
  graph_.values.reserve(floats);
  for (const OnnxNode& node : model_.nodes) {
    for (const std::string& input : node.inputs) ++readers_[input];
  }
}

// Frees the constants that no further node reads. Their names stay, so that no node makes them.
void Import::drop_inputs(const OnnxNode& node) {
  inputs_.clear();
  for (const std::string& input : node.inputs) {
    if (--readers_[input] == 0) values_[input].constant.reset();
  }
}

void Import::refuse(const std::string& what) const {
  throw Error(file_ + ": node " + quote(name_of(*node_)) + " (" + printable(node_->op) + ") " +
              what);
}

std::string Import::why_missing(const std::string& name, const OnnxNode& reader) const {
  for (const OnnxNode& node : model_.nodes) {
    if (&node == &reader) break;
    if (std::count(node.outputs.begin(), node.outputs.end(), name) == 0) continue;
    return "a further result of node " + quote(name_of(node)) + " (" + printable(node.op) +
           "), which is not supported";
  }
  return "which no node before it makes; the file is damaged or has a cycle";
}

void Import::find_inputs(const OnnxNode& node) {
  inputs_.clear();
  given_.clear();
  for (const std::string& name : node.inputs) {
    given_.push_back(!name.empty());
    inputs_.emplace_back();
    if (name.empty()) continue;
    const auto found = values_.find(name);
    if (found == values_.end()) refuse("reads " + quote(name) + ", " + why_missing(name, node));
    inputs_.back() = found->second;
  }
}

void Import::read_node(const OnnxNode& node) {
  node_ = &node;
  find_inputs(node);
  for (const OnnxAttribute& attribute : node.attributes) {
    if (attribute.is_graph) {
      refuse("has an attribute " + quote(attribute.name) + " of a kind that is not supported");
    }
  }
  if (!node.domain.empty() && node.domain != "ai.onnx" && node.domain != "ai.onnx.ml") {
    refuse("is of the domain " + quote(node.domain) + "; only ONNX's own operators are read");
  }
  more_.clear();
  Value first = result_of(node);  // which may put others into more_
  more_.insert(more_.begin(), std::move(first));
  // Some outputs (a mask of Dropout, indices of MaxPool) are not made, which who reads them is
  // told.
  for (std::size_t i = 0; i < std::min(more_.size(), node.outputs.size()); ++i) {
    if (node.outputs[i].empty() || values_.emplace(node.outputs[i], more_[i]).second) continue;
    refuse("makes " + quote(node.outputs[i]) + ", which is there already; the file is damaged");
  }
}

Value Import::result_of(const OnnxNode& node) {
  const auto& rows = operators_of(node);
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [&](const Operator& one) { return node.op == one.name; });
  if (row == rows.end()) {
    refuse("is not supported: operator " + quote(node.op) +
           " is none of these: " + supported_operators(node));
  }
  bool all_constant = true;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    all_constant = all_constant && (!given_[i] || inputs_[i].constant != nullptr);
  }
  if (all_constant) return fold(node, inputs_);
  if (node.op == "Shape") return shape_of(in(0));
  if (row->read == nullptr)
    refuse("is supported for constants alone, and depends on the image here");
  for (const Value& input : inputs_) {
    require(input.joins == 1 || row->takes_joined,
            "reads a value whose batch is one axis with others, which is not supported for it");
  }
  return row->read(*this);
}

Value Import::fold(const OnnxNode& node, const std::vector<Value>& inputs) {
  std::vector<const OnnxTensor*> constants;
  for (const Value& input : inputs) constants.push_back(input.constant.get());
  std::vector<SharedTensor> results;
  try {
    results = evaluate_constants(node, constants);
  } catch (const Error& error) {
    refuse(error.what());
  }
  for (const SharedTensor& tensor : results) {
    constants_ += static_cast<std::int64_t>(tensor->size());
    require(constants_ <= kMostConstants, "makes the file's constants impossibly large");
    if (tensor != results.front()) also({tensor, -1, tensor->dims, {}});
  }
  return {results.front(), -1, results.front()->dims, {}};
}

Value Import::shape_of(const Value& value) const {
  const Sizes dims = file_dims(value);
  const auto rank = static_cast<std::int64_t>(dims.size());
  const auto bound = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const auto tensor = std::make_shared<OnnxTensor>();
  tensor->whole = true;
  for (std::int64_t i = bound(integer("start", 0)); i < bound(integer("end", rank)); ++i) {
    tensor->wholes.push_back(dims[static_cast<std::size_t>(i)]);
  }
  tensor->dims = {static_cast<std::int64_t>(tensor->wholes.size())};
  return {tensor, -1, tensor->dims, {}};
}

int Import::find_logits() {
  node_ = nullptr;
  if (model_.outputs.empty()) throw Error(file_ + ": has no output; export it again");
  const std::string& name = model_.outputs.front().name;
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.constant != nullptr) {
    throw Error(file_ + ": no node makes its output " + quote(name) + " from the image");
  }
  const Value& value = found->second;
  const Sizes extents = extents_of(value);
  std::int64_t classes = 1;  // add() has bounded the product
  for (const std::int64_t extent : extents) classes *= extent;
  if (classes < 2 || *std::max_element(extents.begin(), extents.end()) != classes) {
    throw Error(file_ + ": its output " + quote(name) + " has the shape " + text_of(value.dims) +
                "; a classifier's is [N, classes]");
  }
  // Logits are taken before a softmax of the classes at the end, also where only reshapes follow
  // it.
  int output = value.node;
  const auto behind_reshapes = [&](int node) {
    const auto is_reshape = [&](const Kernel* k) { return k == &kReshape || k == &kDropout; };
    while (node != 0 && is_reshape(graph_.node(node).kernel)) node = graph_.node(node).inputs[0];
    return node;
  };
  const Node& last = graph_.node(behind_reshapes(output));
  if (last.kernel == &kSoftmax && last.attributes.axes[0] == classes) output = last.inputs[0];
  if (behind_reshapes(output) == 0)
    throw Error(file_ + ": has no operator between image and output");
  return output;
}

int Import::weight(const char* what, const std::vector<float>& numbers, Role role) {
  for (const float number : numbers) {
    if (std::isfinite(number)) continue;
    refuse(std::string("has a ") + what + " with a number that is not finite; " +
           (role == Role::kConstant ? "write a mask with large numbers instead, as -1e9"
                                    : "the network has diverged or the file is damaged"));
  }
  return graph_.add_weight(numbers, role);
}

void Import::require_fits(const Sizes& dims, const Sizes& extents, std::int64_t total) const {
  const auto count = element_count(extents);
  if (count && *count > 0 && *count <= kLargestTensor && total + *count <= kLargestNetwork &&
      dims.size() <= 8 && graph_.nodes.size() <= 100000) {
    return;
  }
  const std::string what = "gives " + text_of(dims) + ": that is empty, or more than fits here";
  if (node_ == nullptr) throw Error(file_ + ": its input " + what);
  refuse(what);
}

Value Import::add(const Kernel& kernel, const std::vector<Value>& inputs, const Sizes& dims,
                  const std::vector<int>& order, Attributes attributes, std::vector<int> weights) {
  Value value{nullptr, static_cast<int>(graph_.nodes.size()), dims, order};
  if (!inputs.empty() && inputs[0].rank() == value.rank()) {
    value.joined = inputs[0].joined;
    value.joins = inputs[0].joins;
  }
  const Sizes extents = extents_of(value);
  require_fits(dims, extents, total_);
  if (!kernel.alias) total_ += *element_count(extents);
  Node node;
  node.kernel = &kernel;
  for (const Value& input : inputs) {
    require(input.constant == nullptr, "has a constant where the image's values are expected");
    node.inputs.push_back(input.node);
  }
  node.weights = std::move(weights);
  for (const std::int64_t extent : extents) node.shape.push_back(static_cast<int>(extent));
  node.attributes = std::move(attributes);
  if (node_ != nullptr) {
    node.name = name_of(*node_);
    node.op = node_->op;
  }
  graph_.nodes.push_back(std::move(node));
  return value;
}

}  // namespace inoculate
