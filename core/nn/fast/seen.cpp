#include "nn/fast/seen.h"

#include <algorithm>
#include <cassert>

#include "base/simd.h"

namespace inoculate {

RowBits drawn_pixels(const float* row, int width, int c) {
  assert(width <= kMostColumns);
  RowBits bits = 0;
  if (c == 1) {
    for (int x = 0; x < width; x += kLanes) {
      // The last vector may lie over the one before; in a narrower image there is none.
      const int at = std::min(x, width - kLanes);
      if (at >= 0) {
        bits |= RowBits{lanes_not_zero(load(row + at))} << at;
      } else {
        for (int i = 0; i < width; ++i) bits |= RowBits{row[i] != 0} << i;
      }
    }
    return bits;
  }
  for (int x = 0; x < width; ++x, row += c) {
    const bool drawn = std::any_of(row, row + c, [](float value) { return value != 0; });
    bits |= RowBits{drawn} << x;
  }
  return bits;
}

void touched_windows(RowBits* seen, const RowBits* seen_in, const Conv2d& conv) {
  assert(conv.in.w + conv.kernel <= kMostColumns);
  for (int oy = 0; oy < conv.out.h; ++oy) {
    const int first = oy * conv.stride - conv.pad_top;
    RowBits down = 0;
    for (int y = std::max(first, 0); y < std::min(first + conv.kernel, conv.in.h); ++y) {
      down |= seen_in[y] << conv.pad_left;
    }
    RowBits across = 0;
    for (int k = 0; k < conv.kernel; ++k) across |= down >> k;
    seen[oy] = 0;
    for (int ox = 0; ox < conv.out.w; ++ox) {
      seen[oy] |= (across >> (ox * conv.stride) & 1) << ox;
    }
  }
}

void inputs_of_windows(RowBits* inputs, const RowBits* windows, const Conv2d& conv) {
  std::fill_n(inputs, conv.in.h, RowBits{0});
  for (int oy = 0; oy < conv.out.h; ++oy) {
    RowBits across = 0;
    for_each_bit(windows[oy],
                 [&](int ox) { across |= bits_below(conv.kernel) << (ox * conv.stride); });
    across = across >> conv.pad_left & bits_below(conv.in.w);
    const int first = oy * conv.stride - conv.pad_top;
    for (int y = std::max(first, 0); y < std::min(first + conv.kernel, conv.in.h); ++y) {
      inputs[y] |= across;
    }
  }
}

}  // namespace inoculate
