#include "nn/ops/walk.h"

namespace inoculate {

std::vector<std::ptrdiff_t> strides_in(const Extents& extents, const Extents& shape) {
  std::vector<std::ptrdiff_t> strides(shape.size());
  std::ptrdiff_t stride = 1;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const int extent = extents[extents.size() - 1 - i];
    if (extent != 1) strides[shape.size() - 1 - i] = stride;
    stride *= extent;
  }
  return strides;
}

}  // namespace inoculate
