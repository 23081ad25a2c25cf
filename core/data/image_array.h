// Images that come as an array: what notebooks and other tools write.
#pragma once

#include "base/shapes.h"
#include "data/npy.h"

namespace inoculate {

/// The grey images of `array` as a network takes them, [N, H*W] in 0..1, for `shape` with C = 1.
/// The array is [N, H, W, 1], [N, H, W], [N, 1, H, W] or one image [H, W], of floats 0..1 or of
/// bytes, which are divided by 255. Throws Error, naming its file, for another shape, no images,
/// other integers, and floats that are no numbers or outside of 0..1 (by more than rounding, which
/// is cut off): unscaled pixels would be misread in silence.
Matrix images_of(const NpyArray& array, Shape shape);

}  // namespace inoculate
