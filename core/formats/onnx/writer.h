// ONNX files, written.
#pragma once

#include "formats/onnx/model.h"

namespace inoculate {

/// The file of a model: parse_onnx reads the same model from it. Of an input or output only the
/// batch may be free. Whole numbers are written as int64. Throws Error when an attribute is of a
/// kind that parse_onnx does not read.
Bytes write_onnx(const OnnxModel& model);

}  // namespace inoculate
