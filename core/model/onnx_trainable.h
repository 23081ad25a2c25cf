// Networks out of ONNX files as a Trainable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "model/model_notes.h"
#include "model/trainable.h"

namespace inoculate {

/// Trainable::architecture of those that are not called otherwise.
inline constexpr const char* kOnnxArchitecture = "onnx";

/// A network that was read to be trained.
struct OnnxTraining {
  std::unique_ptr<Trainable> network;
  std::vector<std::string> left_out;  ///< the nodes that have weights that are not trained
};

/// The network of an ONNX file, which Trainable::file writes as the same file with other numbers.
/// Its images are of pixels 0..1 before the preprocessing that its notes tell of. With
/// `freeze_statistics` training normalises by the moving statistics and leaves them as they are,
/// instead of by the batch's moments, which the moving ones then follow. `name` is the file's, for
/// messages. Throws Error where the file or the notes are bad, and where it cannot be trained
/// (model/onnx_source.h).
OnnxTraining trainable_onnx(Bytes file, const std::string& name, const ModelNotes& notes,
                            bool freeze_statistics,
                            const std::string& architecture = kOnnxArchitecture);

}  // namespace inoculate
