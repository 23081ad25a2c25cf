// Memory that is used again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/large_pages.h"

namespace inoculate {

/// Floats that begin where a vector register's worth of them does: one that lies across two cache
/// lines takes twice as long to load.
using FloatBuffer = std::vector<float, LargePages<float>>;

/// Memory for `size` floats that begin likewise, with whatever it holds: for what is written once,
/// and often enough that to fill a vector with zeros first, and to end its elements, would cost as
/// much.
struct FreeFloats {
  void operator()(float* memory) const { free_large_pages(memory); }
};
using RawFloats = std::unique_ptr<float[], FreeFloats>;
inline RawFloats raw_floats(std::size_t size) {
  return RawFloats(static_cast<float*>(allocate_in_large_pages(size * sizeof(float))));
}

/// Bytes that are read here and there, such as the images of a shuffled data set.
using ByteBuffer = std::vector<std::uint8_t, LargePages<std::uint8_t>>;

/// Room for `size` floats in `buffer`, with whatever they hold. A buffer shared by layers of all
/// sizes only ever grows: to shrink it and let it grow again would fill it with zeros.
inline float* room_for(FloatBuffer& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size);
  return buffer.data();
}

}  // namespace inoculate
