// An ONNX file with other numbers in some of its tensors, and nothing else changed.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "data/bytes.h"

namespace inoculate {

/// The new numbers of a tensor, or null where it keeps its own: of the initialiser `name` (`node`
/// is -1) or of the attribute `name` of a node, counted from 0.
using NewNumbers = std::function<const std::vector<float>*(int node, const std::string& name)>;

/// The file with those numbers, each in the type that its tensor has (FLOAT, DOUBLE, FLOAT16,
/// BFLOAT16; rounded to the nearest, ties to even), and with these entries of metadata in place of
/// those of the same keys. Every other byte stays as it is. `name` is the file's, which parse_onnx
/// has accepted, for messages. The numbers must be as many as the tensor has. Throws Error where
/// one is beyond its type.
Bytes rewrite_onnx(ByteView file, const NewNumbers& numbers,
                   const std::map<std::string, std::string>& metadata, const std::string& name);

}  // namespace inoculate
