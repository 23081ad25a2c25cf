// Where an image is blank, the first two convolutions of a frozen network are one linear map.
//
// The first one's rectifier is then the same at every position, so that the gradient of the
// second's outputs goes straight to the pixels. That is done for whole blocks of the first one's
// outputs: the S x S of them that begin where a window of the second does.
#pragma once

#include <vector>

#include "base/buffer.h"
#include "nn/frozen_conv.h"
#include "nn/frozen_conv_gradient.h"
#include "nn/grid.h"
#include "nn/packed_matrix.h"

namespace inoculate {

class BlankBlocks {
 public:
  /// kernel: [K, K, C, F], that of `second`. The ground of `first` is known.
  BlankBlocks(const FrozenConv& first, const FieldGradient& fields, const FrozenConv& second,
              const float* kernel, const PhaseGradient& gradient);

  /// The blank blocks of some images, and what they say of the pixels: a patch each.
  struct Found {
    std::vector<int> offsets;           // of a block's first pixel, in the grid of its image
    std::vector<int> image_end;         // [images]: how many blocks there are up to the end of each
    std::vector<const float*> windows;  // [down, blocks]: of d_out, that see each
    FloatBuffer patches;                // [blocks, columns]
  };

  /// Finds those of `images` images, given what the first convolution saw [images, OH] and d_out,
  /// the gradient of the second one's outputs; takes their positions out of wanted [images, OH].
  void find(Found& found, RowBits* wanted, const RowBits* seen, const float* d_out,
            int images) const;

  /// Adds the patches of one image to its d_image, in the first convolution's input grid.
  void add(float* d_image, const Found& found, int image) const;

 private:
  void list(Found& found, RowBits* wanted, const RowBits* seen, const float* d_out,
            int images) const;

  Conv2d first_;
  Conv2d second_;
  Grid image_;
  Grid d_out_;
  int down_;  // windows that see a block
  int across_;
  PackedMatrix kernel_;  // [down, across * F; pixels of a block in whole vectors]
  int patch_h_;          // the pixels of a block, in rows
  int patch_w_;          // floats of a row
};

}  // namespace inoculate
