// The weights of a small reader of digits, assets/reader.safetensors, as part of the command.
#pragma once

#include <cstddef>

namespace inoculate {

/// The bytes of a weights file.
struct EmbeddedWeights {
  const unsigned char* bytes;
  std::size_t size;
};

extern const EmbeddedWeights kReaderWeights;

}  // namespace inoculate
