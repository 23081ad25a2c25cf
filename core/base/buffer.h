// Memory that is used again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/large_pages.h"

namespace inoculate {

/// Floats that begin where a vector register's worth of them does: one that lies across two cache
/// lines takes twice as long to load.
using FloatBuffer = std::vector<float, LargePages<float>>;

/// Bytes that are read here and there, such as the images of a shuffled data set.
using ByteBuffer = std::vector<std::uint8_t, LargePages<std::uint8_t>>;

/// Room for `size` floats in `buffer`, with whatever they hold. A buffer shared by layers of all
/// sizes only ever grows: to shrink it and let it grow again would fill it with zeros.
inline float* room_for(FloatBuffer& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size);
  return buffer.data();
}

}  // namespace inoculate
