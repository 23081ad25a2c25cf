// safetensors, the file format of weights: an 8-byte length, a JSON header, then the values.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/named_tensor.h"
#include "data/bytes.h"

namespace inoculate {

/// Tensors in the order of their values in the file, and the strings of its `__metadata__`.
struct Safetensors {
  std::vector<NamedTensor> tensors;
  std::map<std::string, std::string> metadata;
  /// What was widened or narrowed to F32 when it was read, in words; empty if nothing was.
  std::string note = {};
};

/// How values are stored: as floats, exactly, or as halves, rounded to nearest even.
enum class Dtype { F32, F16 };

/// Whether the tensor of that name is left out, whatever its type.
using SkipTensor = std::function<bool(const std::string& tensor)>;

/// Reads a file of F32, F16, BF16 and F64 tensors; `name` is the file's name for messages. Throws
/// Error, with the tensor's name where there is one, unless the file is sound in every byte: a
/// header of at most 100 MB, unique names, values without hole or overlap to the very end, all
/// finite as floats. Whether these are the tensors a network wants is for the network to say.
Safetensors parse_safetensors(ByteView file, const std::string& name, const SkipTensor& skip = {});

/// The file of `content`, tensors in the given order, values starting at a multiple of 8 bytes.
/// Names must be unique and shapes agree with the values. Throws Error when parse_safetensors would
/// refuse it: a value that is not finite (for F16: beyond 65504), or too much metadata. Metadata
/// that is no UTF-8 is stored with replacement characters.
Bytes write_safetensors(const Safetensors& content, Dtype dtype = Dtype::F32);

}  // namespace inoculate
