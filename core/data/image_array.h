// Images that come as an array: what notebooks and other tools write.
#pragma once

#include "base/shapes.h"
#include "data/npy.h"

namespace inoculate {

/// The images of `array` as a network takes them, [N, H*W*C] in 0..1, channels last. The array is
/// [N, H, W, C] or [N, C, H, W], which the extents tell, or one image without N; C may be left out
/// where it is 1; images of H = W = 1 are [N, C], or grey ones of C pixels. It holds floats 0..1 or
/// bytes, which are divided by 255. Throws Error, naming its file, for another shape, one that may
/// be either, no images, other integers, and floats that are no numbers or outside of 0..1 (by more
/// than rounding, which is cut off): unscaled pixels would be misread in silence.
Matrix images_of(const NpyArray& array, Shape shape);

}  // namespace inoculate
