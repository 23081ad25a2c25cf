// The contribution of blank inputs to a convolution's windows.
//
// Where an image is blank all outputs of the first convolution are the same, and a sparse map
// leaves them out. The second convolution adds their contribution from a table: for each row of a
// window and each choice of its taps that are blank, the sum of the kernel's rows at those taps
// times that one output.
#pragma once

#include <bit>
#include <cstdint>

#include "base/buffer.h"
#include "nn/conv2d.h"
#include "nn/fast/seen.h"
#include "nn/fast/sparse_map.h"

namespace inoculate {

/// Rows [F] of such a table, which is [K, 2^K, F] with a bit of the second number for each tap.
inline int blank_choices(const Conv2d& conv) { return conv.kernel << conv.kernel; }

/// Sets the table, for a kernel [K, K, C, F] and the entries of a blank input.
void find_blank_sums(FloatBuffer& table, const Conv2d& conv, const float* kernel,
                     const SparseRow& blank);

/// The reverse, for gradients: of_taps [K*K, F] = for each tap the sum of the rows of a table in
/// whose choice it is.
void sum_choices(float* of_taps, const float* table, const Conv2d& conv);

/// Calls body(row of the table) for the rows of the window at (y, x) in which inputs are blank:
/// those that drawn [H] does not name.
template <class F>
void for_each_blank_choice(const Conv2d& conv, int y, int x, const RowBits* drawn, F&& body) {
  const int in_x = x * conv.stride - conv.pad_left;
  for (int k = 0; k < conv.kernel; ++k) {
    const int in_y = y * conv.stride - conv.pad_top + k;
    if (in_y < 0 || in_y >= conv.in.h) continue;
    const RowBits blank = ~drawn[in_y] & bits_below(conv.in.w);
    const RowBits choice = (in_x >= 0 ? blank >> in_x : blank << -in_x) & bits_below(conv.kernel);
    if (choice != 0) body((k << conv.kernel) + static_cast<int>(choice));
  }
}

/// Sets the sums [F] of windows to constants [OH*OW, F] plus the contribution of their blank
/// inputs, at the positions that `at` [OH] names (null: at all), one after the other. table: null
/// if none is blank. Returns the end of the sums.
float* start_windows(float* sums, const Conv2d& conv, const float* constants, const float* table,
                     const RowBits* drawn, const RowBits* at);

}  // namespace inoculate
