// Memory that is used again and again.
#pragma once

#include <cstddef>
#include <vector>

namespace inoculate {

/// Room for `size` floats in `buffer`, with whatever they hold. A buffer shared by layers of all
/// sizes only ever grows: to shrink it and let it grow again would fill it with zeros.
inline float* room_for(std::vector<float>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size);
  return buffer.data();
}

}  // namespace inoculate
