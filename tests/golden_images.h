// The images of the sample that golden files of other models than Keras's are of.
#pragma once

#include "data/idx.h"
#include "golden_files.h"
#include "paths.h"

namespace inoculate {

/// Images 0, 7, 14, ... of the sample, [count, 784] in 0..1.
inline Matrix golden_images(int count) {
  const IdxImages all =
      parse_idx_images(read_whole_file(in_sample("/sample-images-idx3-ubyte")), "the sample");
  Matrix images(count, 784);
  for (Eigen::Index i = 0; i < count; ++i) {
    for (Eigen::Index p = 0; p < 784; ++p) {
      images(i, p) =
          static_cast<float>(all.pixels[static_cast<std::size_t>(7 * 784 * i + p)]) / 255;
    }
  }
  return images;
}

}  // namespace inoculate
