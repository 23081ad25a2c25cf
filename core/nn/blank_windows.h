// Where an image is blank, the first two convolutions of a frozen network are one linear map.
//
// The first one's rectifier is then the same at every position. So what an output of the second one
// that sees nothing else says of the pixels is a patch: the gradient need not go by way of the
// positions in between.
#pragma once

#include <vector>

#include "base/buffer.h"
#include "nn/conv_gradient.h"
#include "nn/frozen_conv.h"
#include "nn/grid.h"
#include "nn/image_gradient.h"
#include "nn/seen.h"
#include "nn/sparse_map.h"

namespace inoculate {

class BlankWindows {
 public:
  BlankWindows(const FrozenConv& first, const ImageGradient& to_images, const FrozenConv& second,
               const ConvGradient& to_first);

  /// Takes out of windows [OH] those that are blank, given what the second convolution saw [OH].
  void leave_out(RowBits* windows, const RowBits* seen) const;

  /// Adds what the others say to d_image, in the grid image(): d_out, of one image.
  void add(float* d_image, const SparseMap& d_out, int image, const RowBits* windows) const;

  /// As far as patches reach.
  const Grid& image() const { return image_; }

 private:
  Conv2d first_;
  Conv2d second_;
  Patch patch_;
  Grid image_;
  FloatBuffer kernel_;        // [F, size of a patch]
  std::vector<RowBits> fit_;  // [OH]: windows whose patch says nothing wrong
};

}  // namespace inoculate
