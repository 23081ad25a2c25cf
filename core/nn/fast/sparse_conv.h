// Convolutions without an activation: rows of sums, of dense images and of sparse maps.
#pragma once

#include "base/buffer.h"
#include "nn/conv2d.h"
#include "nn/fast/activation.h"
#include "nn/fast/grid.h"
#include "nn/fast/seen.h"
#include "nn/fast/sparse_map.h"

namespace inoculate {

/// The input with what lies beyond its edges, as far as windows reach.
Grid grid_for_windows(const Conv2d& conv);

/// Calls body(image, y, x) for every position of some images that seen [images, OH] names; for all
/// if it is null.
template <class F>
void for_each_position_seen(const Conv2d& conv, const RowBits* seen, int images, F&& body) {
  for (int i = 0; i < images; ++i) {
    for (int y = 0; y < conv.out.h; ++y) {
      for_each_bit(seen != nullptr ? *seen++ : bits_below(conv.out.w),
                   [&](int x) { body(i, y, x); });
    }
  }
}

/// rows [seen positions, F] = the sums of their windows in images [images], which lie in
/// grid_for_windows, with kernel [K, K, C, F] and bias [F].
void multiply_windows(float* rows, const float* from, const Conv2d& conv, const float* kernel,
                      const float* bias, const RowBits* seen, int images);

/// The same of a map, from its image `first` on; the sums go on from what the rows hold.
void add_windows(float* rows, const SparseMap& from, int first, const Conv2d& conv,
                 const float* kernel, const RowBits* seen, int images);

/// Appends the positions [H*W] of some images to a map: where drawn [images, H] names one, the next
/// of rows [C] through the activation, which also sets live [images, H*W] there; elsewhere what the
/// one image of `blank` has, or nothing if it is null.
void append_images(SparseMap& map, LaneBits* live, const float* rows, const Activation& activation,
                   Shape shape, const RowBits* drawn, const SparseMap* blank, int images);

/// constants [OH*OW, F] = bias [F] and what the windows make of an input that is shift [C]
/// everywhere.
void find_window_constants(FloatBuffer& constants, const Conv2d& conv, const float* kernel,
                           const float* bias, const float* shift);

}  // namespace inoculate
