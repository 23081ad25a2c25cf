#include "formats/onnx/model.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "formats/onnx/protobuf.h"
#include "formats/onnx/tensor.h"

namespace inoculate {
namespace {

using protozero::pbf_reader;

constexpr std::size_t kMostNodes = 20000;
constexpr std::size_t kMostItems = 100000;  // of any other list

/// Reads the messages of onnx.proto (field numbers as there) of one file.
class Parser {
 public:
  explicit Parser(std::string name) : name_(std::move(name)) {}

  [[noreturn]] void refuse(const std::string& what) const { throw Error(name_ + ": " + what); }

  OnnxModel model(pbf_reader message) {
    OnnxModel model;
    bool has_graph = false;
    while (next_field(message)) {
      switch (message.tag()) {
        case 7:
          if (std::exchange(has_graph, true)) refuse("holds two graphs; export it again");
          graph(message.get_message(), model);
          break;
        case 8:
          opset(message.get_message(), model);
          break;
        case 14: {
          const auto [key, value] = pair(message.get_message());
          count(model.metadata.size(), "metadata");
          model.metadata[key] = value;
          break;
        }
        case 25:
          refuse("defines functions of its own; export it without them (dynamo: optimize=True)");
        default:
          message.skip();
      }
    }
    if (!has_graph) refuse("holds no graph; name an ONNX model");
    if (model.opset < 7 || model.opset > 26) {
      refuse("is of opset " + std::to_string(model.opset) +
             "; opsets 7 to 26 are read, export it for one of them");
    }
    note(model);
    return model;
  }

 private:
  void note(OnnxModel& model) const {
    if (!narrowed_.empty()) {
      const std::size_t count = narrowed_.size();
      model.notes.push_back((count == 1 ? "tensor " + quote(narrowed_[0]) + " is"
                                        : std::to_string(count) + " tensors, of which " +
                                              quote(narrowed_[0]) + " is the first, are") +
                            " narrowed from double to single precision");
    }
    // The operators of ai.onnx.ml say themselves which output has the scores.
    const bool may_choose = std::none_of(model.nodes.begin(), model.nodes.end(),
                                         [](const auto& n) { return n.domain == "ai.onnx.ml"; });
    if (model.outputs.size() > 1 && may_choose) {
      model.notes.push_back("of its " + std::to_string(model.outputs.size()) +
                            " outputs the first, " + quote(model.outputs[0].name) +
                            ", is taken for the logits");
    }
  }

  void count(std::size_t have, const char* what) const {
    if (have >= kMostItems) refuse(std::string("holds too many ") + what);
  }

  static std::pair<std::string, std::string> pair(pbf_reader message) {
    std::pair<std::string, std::string> entry;
    while (next_field(message)) {
      if (message.tag() == 1) {
        entry.first = message.get_string();
      } else if (message.tag() == 2) {
        entry.second = message.get_string();
      } else {
        message.skip();
      }
    }
    return entry;
  }

  void opset(pbf_reader message, OnnxModel& model) const {
    std::string domain;
    std::int64_t version = 0;
    while (next_field(message)) {
      if (message.tag() == 1) {
        domain = message.get_string();
      } else if (message.tag() == 2) {
        version = message.get_int64();
      } else {
        message.skip();
      }
    }
    if (domain.empty() || domain == "ai.onnx") model.opset = version;
  }

  void graph(pbf_reader message, OnnxModel& model) {
    while (next_field(message)) {
      switch (message.tag()) {
        case 1:
          if (model.nodes.size() >= kMostNodes) refuse("holds more than 20000 nodes");
          model.nodes.push_back(node(message.get_message()));
          break;
        case 5: {
          auto [key, tensor] = read_onnx_tensor(message.get_message(), name_, narrowed_);
          count(model.constants.size(), "tensors");
          if (!model.constants.emplace(key, std::move(tensor)).second) {
            refuse("holds tensor " + quote(key) + " twice; the file is damaged");
          }
          break;
        }
        case 11:
          count(model.inputs.size(), "inputs");
          model.inputs.push_back(value_info(message.get_message()));
          break;
        case 12:
          count(model.outputs.size(), "outputs");
          model.outputs.push_back(value_info(message.get_message()));
          break;
        case 15:
          refuse("holds sparse tensors, which are not supported; export it without them");
        default:
          message.skip();
      }
    }
  }

  OnnxNode node(pbf_reader message) {
    OnnxNode node;
    while (next_field(message)) {
      switch (message.tag()) {
        case 1:
          count(node.inputs.size(), "inputs of a node");
          node.inputs.push_back(message.get_string());
          break;
        case 2:
          count(node.outputs.size(), "outputs of a node");
          node.outputs.push_back(message.get_string());
          break;
        case 3:
          node.name = message.get_string();
          break;
        case 4:
          node.op = message.get_string();
          break;
        case 5:
          count(node.attributes.size(), "attributes of a node");
          node.attributes.push_back(attribute(message.get_message()));
          break;
        case 7:
          node.domain = message.get_string();
          break;
        default:
          message.skip();
      }
    }
    return node;
  }

  OnnxAttribute attribute(pbf_reader message) {
    OnnxAttribute attribute;
    while (next_field(message)) {
      switch (message.tag()) {
        case 1:
          attribute.name = message.get_string();
          break;
        case 2:
          attribute.number = message.get_float();
          break;
        case 3:
          attribute.integer = message.get_int64();
          break;
        case 4:
          attribute.text = message.get_string();
          break;
        case 5:
          attribute.tensor = read_onnx_tensor(message.get_message(), name_, narrowed_).second;
          break;
        case 7:
          append_numbers(message, attribute.numbers);
          break;
        case 8:
          append_integers(message, attribute.integers);
          break;
        case 20:  // for a writer; what the attribute holds says as much
          attribute.type = message.get_enum();
          break;
        default:
          attribute.is_graph |= message.tag() != 13;
          message.skip();
      }
    }
    return attribute;
  }

  OnnxValueInfo value_info(pbf_reader message) {
    OnnxValueInfo info;
    while (next_field(message)) {
      if (message.tag() == 1) {
        info.name = message.get_string();
      } else if (message.tag() == 2) {
        pbf_reader type = message.get_message();
        while (next_field(type)) {
          if (type.tag() == 1) {
            tensor_type(type.get_message(), info);
          } else {
            type.skip();
          }
        }
      } else {
        message.skip();
      }
    }
    return info;
  }

  void tensor_type(pbf_reader message, OnnxValueInfo& info) {
    while (next_field(message)) {
      if (message.tag() == 1) {
        info.element_type = message.get_int32();
      } else if (message.tag() == 2) {
        info.has_shape = true;
        pbf_reader shape = message.get_message();
        while (next_field(shape)) {
          if (shape.tag() != 1) {
            shape.skip();
            continue;
          }
          count(info.dims.size(), "dimensions");
          std::int64_t extent = -1;
          pbf_reader dim = shape.get_message();
          while (next_field(dim)) {
            if (dim.tag() == 1) {
              extent = dim.get_int64();
            } else {
              dim.skip();
            }
          }
          info.dims.push_back(extent > 0 ? extent : -1);
        }
      } else {
        message.skip();
      }
    }
  }

  std::string name_;
  std::vector<std::string> narrowed_;  // tensors that lose digits
};

}  // namespace

const OnnxAttribute* OnnxNode::attribute(const std::string& wanted) const {
  for (const OnnxAttribute& attribute : attributes) {
    if (attribute.name == wanted) return &attribute;
  }
  return nullptr;
}

std::int64_t OnnxNode::integer(const std::string& wanted, std::int64_t otherwise) const {
  const OnnxAttribute* found = attribute(wanted);
  return found == nullptr ? otherwise : found->integer;
}

Sizes OnnxNode::integers(const std::string& wanted) const {
  const OnnxAttribute* found = attribute(wanted);
  return found == nullptr ? Sizes() : found->integers;
}

OnnxModel parse_onnx(ByteView file, const std::string& name) {
  try {
    return Parser(name).model(pbf_reader(reinterpret_cast<const char*>(file.data()), file.size()));
  } catch (const protozero::exception&) {
    throw Error(name + ": is no ONNX model, or a damaged or incomplete one; export it again");
  }
}

}  // namespace inoculate
