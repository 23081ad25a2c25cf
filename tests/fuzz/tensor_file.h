// Files of tensors that are large, from few bytes: a fuzzer then changes names, shapes, types and
// metadata, and the values, which are most of the file, are made for whatever the header says.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>

#include "fuzz/target.h"

namespace inoculate::fuzz {

/// Where the values end that a header announces; at most 4 MB.
inline std::size_t values_end(std::string_view header) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 22;
  std::uint64_t end = 0;
  const auto json = nlohmann::json::parse(header, nullptr, false);
  if (!json.is_object()) return 0;
  for (const auto& tensor : json) {
    if (!tensor.is_object() || !tensor.contains("data_offsets")) continue;
    const auto& offsets = tensor["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2 || !offsets[1].is_number_unsigned()) continue;
    end = std::max(end, offsets[1].get<std::uint64_t>());
  }
  return static_cast<std::size_t>(std::min(end, kMost));
}

/// The safetensors file whose header stands behind the first of `bytes`, which all of its values
/// consist of: 0 makes zeros, 0x3C floats of 0.0115 and halves of 1.06.
inline Bytes tensor_file(ByteView bytes) {
  if (bytes.empty()) return {};
  const std::string_view header = text_of(bytes.subspan(1));
  Bytes file;
  append_le<std::uint64_t>(file, header.size());
  file.insert(file.end(), header.begin(), header.end());
  file.insert(file.end(), values_end(header), bytes[0]);
  return file;
}

}  // namespace inoculate::fuzz
