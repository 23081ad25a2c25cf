// The mask of a rectifier: which outputs are live, that is above 0, so that a gradient passes.
#pragma once

#include "base/shapes.h"
#include "base/simd.h"
#include "nn/fast/seen.h"

namespace inoculate {

/// The live outputs of some images, as a forward pass found them: `size` words of bits at each
/// position, which for_each_vector goes through.
struct LiveOutputs {
  Shape shape;
  int size;
  const LaneBits* live;    // [images, H*W, size]
  const RowBits* seen;     // [images, H]: where `live` is set; null: everywhere
  const LaneBits* ground;  // [H*W, size]: elsewhere

  /// The bits at the positions of a row.
  class Row {
   public:
    Row(const LiveOutputs& outputs, int image, int y)
        : live_(outputs.live + (image * outputs.shape.h + y) * outputs.shape.w * outputs.size),
          ground_(outputs.seen != nullptr ? outputs.ground + y * outputs.shape.w * outputs.size
                                          : nullptr),
          seen_(outputs.seen != nullptr ? outputs.seen[image * outputs.shape.h + y] : ~RowBits{0}),
          size_(outputs.size) {}

    const LaneBits* at(int x) const { return (has_bit(seen_, x) ? live_ : ground_) + x * size_; }

   private:
    const LaneBits* live_;
    const LaneBits* ground_;
    RowBits seen_;
    int size_;
  };
  /// The bits at one.
  const LaneBits* at(int image, int y, int x) const { return Row(*this, image, y).at(x); }
};

}  // namespace inoculate
