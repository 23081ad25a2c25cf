// Safetensors files put together from text, without write_safetensors.
#pragma once

#include <string>

#include "base/error.h"
#include "data/safetensors.h"
#include "refusal_of.h"

namespace inoculate {

/// A file with this header and these values.
inline std::string file_of(const std::string& header, const std::string& values) {
  std::string length(8, '\0');
  for (std::size_t i = 0; i < 8; ++i)
    length[i] = static_cast<char>((std::uint64_t{header.size()} >> 8 * i) & 255);
  return length + header + values;
}

/// A header entry of floats (4 bytes a value).
inline std::string entry(const std::string& name, const std::string& shape,
                         const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":" + offsets +
         "}";
}

/// A header of these entries.
inline std::string braced(const std::string& entries) {
  std::string header = "{";
  header += entries;
  header += "}";
  return header;
}

inline Safetensors parse(const std::string& file) {
  return parse_safetensors(Bytes(file.begin(), file.end()), "w.st");
}

/// What is said of a file, or "accepted".
inline std::string refusal(const std::string& file) {
  return refusal_of([&] { parse(file); });
}

}  // namespace inoculate
