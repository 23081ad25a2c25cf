// What an ONNX file holds, as plain structures.
//
// Everything in a file is untrusted. parse_onnx has checked counts, lengths and products of
// dimensions when it returns; what a node means, and whether its inputs exist, is for who reads it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/bytes.h"

namespace inoculate {

/// Extents of a tensor as the file has them.
using Sizes = std::vector<std::int64_t>;

/// A tensor of numbers known beforehand: floats, or whole numbers (int64, int32, bool).
struct OnnxTensor {
  /// As TensorProto.DataType numbers them; a file may also say others.
  enum Type : int {
    kFloat = 1,
    kUint8 = 2,
    kInt8 = 3,
    kUint16 = 4,
    kInt16 = 5,
    kInt32 = 6,
    kInt64 = 7,
    kBool = 9,
    kFloat16 = 10,
    kDouble = 11,
    kUint32 = 12,
    kBfloat16 = 16,
  };
  static bool is_whole(int type) {
    return type != kFloat && type != kFloat16 && type != kDouble && type != kBfloat16;
  }

  Sizes dims;
  bool whole = false;
  int type = kInt64;  ///< of whole numbers: how far they reach
  std::vector<float> floats;
  std::vector<std::int64_t> wholes;

  std::size_t size() const { return whole ? wholes.size() : floats.size(); }
  double at(std::size_t i) const {
    return whole ? static_cast<double>(wholes[i]) : static_cast<double>(floats[i]);
  }
};

using SharedTensor = std::shared_ptr<const OnnxTensor>;

struct OnnxAttribute {
  /// As AttributeProto.AttributeType numbers them; a file may also say others.
  enum Type : int { kFloat = 1, kInt = 2, kString = 3, kTensor = 4, kFloats = 6, kInts = 7 };

  std::string name;
  int type = 0;  ///< which of those below it is; 0: not said
  float number = 0;
  std::int64_t integer = 0;
  std::string text = {};
  std::vector<float> numbers = {};
  std::vector<std::int64_t> integers = {};
  SharedTensor tensor = {};
  bool is_graph = false;  ///< a sub-graph, or another kind that is not read
};

struct OnnxNode {
  std::string op, domain, name;
  std::vector<std::string> inputs, outputs;  ///< an input that is left out is empty
  std::vector<OnnxAttribute> attributes;

  const OnnxAttribute* attribute(const std::string& wanted) const;
  /// What an attribute says; `otherwise`, or an empty list, where the node has none of that name.
  std::int64_t integer(const std::string& wanted, std::int64_t otherwise) const;
  Sizes integers(const std::string& wanted) const;
};

/// An input or output of the network. A symbolic or missing extent is -1.
struct OnnxValueInfo {
  std::string name;
  bool has_shape = false;
  Sizes dims;
  int element_type = 0;
};

struct OnnxModel {
  std::int64_t opset = 0;
  std::vector<OnnxNode> nodes;
  std::map<std::string, SharedTensor> constants;  ///< the initialisers
  std::vector<OnnxValueInfo> inputs, outputs;
  std::map<std::string, std::string> metadata;
  std::vector<std::string> notes;  ///< what was changed while reading, for the user
};

/// Throws Error, which names the file, for what is no ONNX file or cannot be used.
OnnxModel parse_onnx(ByteView file, const std::string& name);

}  // namespace inoculate
