// Which outputs of a layer with a rectifier are live: let through.
#pragma once

#include "base/shapes.h"
#include "base/simd.h"
#include "nn/seen.h"

namespace inoculate {

/// The live outputs of some images, as a forward pass found them: `size` words of bits at each
/// position, which for_each_vector goes through.
struct LiveOutputs {
  Shape shape;
  int size;
  const LaneBits* live;    // [images, H*W, size]
  const RowBits* seen;     // [images, H]: where `live` says something; null: everywhere
  const LaneBits* ground;  // [H*W, size]: elsewhere

  /// The bits at a position.
  const LaneBits* at(int image, int y, int x) const {
    const bool is_seen = seen == nullptr || has_bit(seen[image * shape.h + y], x);
    const LaneBits* first = is_seen ? live + image * shape.h * shape.w * size : ground;
    return first + (y * shape.w + x) * size;
  }
};

}  // namespace inoculate
