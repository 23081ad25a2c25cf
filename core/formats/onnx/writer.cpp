#include "formats/onnx/writer.h"

#include "base/error.h"
#include "base/quote.h"
#include "formats/onnx/protobuf.h"

namespace inoculate {
namespace {

using protozero::pbf_writer;

constexpr std::int64_t kIrVersion = 7;            // of opset 13
constexpr std::int32_t kFloats = 1, kWholes = 7;  // TensorProto.DataType: FLOAT, INT64

// Field numbers are those of onnx.proto.

template <class T>
void add_bytes(pbf_writer& to, protozero::pbf_tag_type tag, const std::vector<T>& values) {
  to.add_bytes(tag, reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

void write_tensor(pbf_writer to, const std::string& name, const OnnxTensor& tensor) {
  to.add_packed_int64(1, tensor.dims.begin(), tensor.dims.end());
  to.add_int32(2, tensor.whole ? kWholes : kFloats);
  if (!name.empty()) to.add_string(8, name);
  tensor.whole ? add_bytes(to, 9, tensor.wholes) : add_bytes(to, 9, tensor.floats);
}

[[noreturn]] void refuse(const OnnxAttribute& attribute) {
  throw Error("the attribute " + quote(attribute.name) + " cannot be written as ONNX");
}

void write_attribute(pbf_writer to, const OnnxAttribute& attribute) {
  to.add_string(1, attribute.name);
  to.add_enum(20, attribute.type);
  switch (attribute.type) {
    case OnnxAttribute::kFloat:
      to.add_float(2, attribute.number);
      break;
    case OnnxAttribute::kInt:
      to.add_int64(3, attribute.integer);
      break;
    case OnnxAttribute::kString:
      to.add_string(4, attribute.text);
      break;
    case OnnxAttribute::kTensor:
      if (attribute.tensor == nullptr) refuse(attribute);
      write_tensor(pbf_writer(to, 5), "", *attribute.tensor);
      break;
    case OnnxAttribute::kFloats:
      for (const float number : attribute.numbers) to.add_float(7, number);
      break;
    case OnnxAttribute::kInts:
      for (const std::int64_t integer : attribute.integers) to.add_int64(8, integer);
      break;
    default:
      refuse(attribute);
  }
}

void write_node(pbf_writer to, const OnnxNode& node) {
  for (const std::string& input : node.inputs) to.add_string(1, input);
  for (const std::string& output : node.outputs) to.add_string(2, output);
  to.add_string(3, node.name);
  to.add_string(4, node.op);
  for (const OnnxAttribute& attribute : node.attributes) {
    write_attribute(pbf_writer(to, 5), attribute);
  }
  if (!node.domain.empty()) to.add_string(7, node.domain);
}

void write_value_info(pbf_writer to, const OnnxValueInfo& info) {
  to.add_string(1, info.name);
  pbf_writer type(to, 2), tensor(type, 1);
  tensor.add_enum(1, info.element_type);
  if (!info.has_shape) return;
  pbf_writer shape(tensor, 2);
  for (const std::int64_t extent : info.dims) {
    pbf_writer dim(shape, 1);
    extent < 0 ? dim.add_string(2, "N") : dim.add_int64(1, extent);
  }
}

void write_graph(pbf_writer to, const OnnxModel& model) {
  for (const OnnxNode& node : model.nodes) write_node(pbf_writer(to, 1), node);
  to.add_string(2, "network");
  for (const auto& [name, tensor] : model.constants) write_tensor(pbf_writer(to, 5), name, *tensor);
  for (const OnnxValueInfo& info : model.inputs) write_value_info(pbf_writer(to, 11), info);
  for (const OnnxValueInfo& info : model.outputs) write_value_info(pbf_writer(to, 12), info);
}

void write_pair(pbf_writer to, const std::string& key, const std::string& value) {
  to.add_string(1, key);
  to.add_string(2, value);
}

}  // namespace

Bytes write_onnx(const OnnxModel& model) {
  std::string file;
  pbf_writer to(file);
  to.add_int64(1, kIrVersion);
  to.add_string(2, "inoculate");
  write_graph(pbf_writer(to, 7), model);
  {
    pbf_writer opset(to, 8);
    opset.add_string(1, "");
    opset.add_int64(2, model.opset);
  }
  for (const auto& [key, value] : model.metadata) write_pair(pbf_writer(to, 14), key, value);
  return {file.begin(), file.end()};
}

}  // namespace inoculate
