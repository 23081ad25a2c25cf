// What a file is by its first bytes, so that a reader who wants something else can name it.
#pragma once

#include <optional>
#include <string>

#include "data/bytes.h"

namespace inoculate {

/// A kind of file, and what somebody who has one can do.
struct FileKind {
  std::string name;    ///< "a ZIP archive", "an HTML page"
  std::string advice;  ///< "unpack it"; may be empty
};

/// The kind of the file that begins with `bytes`, where they tell: archives, compressed files,
/// pictures, NumPy's, PyTorch's and Keras's files, IDX, safetensors, ONNX, Git LFS pointers, HTML,
/// JSON, CSV, and other text. Nothing of them is trusted or unpacked.
std::optional<FileKind> file_kind(ByteView bytes);

/// Throws Error "<name>: is <kind>, not <wanted>; <advice>" when the kind of `bytes` is known; the
/// kind's own advice comes first, `advice` (which may be empty) if it has none. For a reader that
/// found that the bytes are not what it reads.
void refuse_known_kind(ByteView bytes, const std::string& name, const std::string& wanted,
                       const std::string& advice);

}  // namespace inoculate
