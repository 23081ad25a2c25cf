// Masks of positions, a bit each: those of an image that are drawn on, and the windows of a
// convolution that contain one. All others give what an image of zeros gives there.
#pragma once

#include <bit>
#include <cstdint>

#include "nn/conv2d.h"

namespace inoculate {

/// A row of positions, the leftmost in the lowest bit.
using RowBits = std::uint64_t;
inline constexpr int kMostColumns = 64;

/// Some of a few images, likewise.
using ImageBits = std::uint64_t;

inline RowBits bits_below(int count) {
  return count >= kMostColumns ? ~RowBits{0} : (RowBits{1} << count) - 1;
}
inline bool has_bit(RowBits bits, int x) { return (bits >> x & 1) != 0; }

/// Calls body(x) for every bit that is set, from the left.
template <class F>
void for_each_bit(RowBits bits, F&& body) {
  for (; bits != 0; bits &= bits - 1) body(std::countr_zero(bits));
}

/// The pixels of a row [W*C] that are not 0 in all channels.
RowBits drawn_pixels(const float* row, int width, int c);

/// seen [OH]: the windows of a convolution that contain a position of seen_in [H].
void touched_windows(RowBits* seen, const RowBits* seen_in, const Conv2d& conv);

/// inputs [H]: the positions that lie in one of the windows [OH] of a convolution.
void inputs_of_windows(RowBits* inputs, const RowBits* windows, const Conv2d& conv);

}  // namespace inoculate
