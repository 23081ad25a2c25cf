// Tensors in ONNX files.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "formats/onnx/model.h"
#include "formats/onnx/protobuf.h"

namespace inoculate {

/// Reads a TensorProto: its name, and its numbers. FLOAT, FLOAT16, BFLOAT16 and DOUBLE become
/// floats, INT64, INT32, INT8, UINT8 and BOOL whole numbers; anything else and external data are
/// refused. `narrowed` gets the names of those that lose digits.
std::pair<std::string, SharedTensor> read_onnx_tensor(protozero::pbf_reader message,
                                                      const std::string& file,
                                                      std::vector<std::string>& narrowed);

/// Appends the entries of a repeated field, packed or not.
void append_numbers(protozero::pbf_reader& message, std::vector<float>& to);
void append_integers(protozero::pbf_reader& message, std::vector<std::int64_t>& to);

}  // namespace inoculate
