#include "nn/fast/sparse_conv.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <vector>

#include "base/shapes.h"
#include "nn/fast/nine_taps.h"
#include "nn/fast/sparse_products.h"
#include "nn/gemm.h"

namespace inoculate {

Grid grid_for_windows(const Conv2d& c) {
  const auto after = [&](int outputs, int size, int before) {
    return std::max(0, (outputs - 1) * c.stride + c.kernel - before - size);
  };
  return {c.in, c.pad_top, c.pad_left, after(c.out.h, c.in.h, c.pad_top),
          after(c.out.w, c.in.w, c.pad_left)};
}

void multiply_windows(float* rows, const float* from, const Conv2d& conv, const float* kernel,
                      const float* bias, const RowBits* seen, int images) {
  if (has_nine_taps(conv)) {
    return multiply_nine_taps(rows, from, conv, kernel, bias, seen, images);
  }
  thread_local std::vector<float*> results;
  thread_local std::vector<const float*> windows;  // [K, results]
  const Grid in = grid_for_windows(conv);
  const int most = images * conv.out.h * conv.out.w, f = conv.out.c;
  results.resize(index(most));
  windows.resize(index(most * conv.kernel));
  int count = 0;
  for_each_position_seen(conv, seen, images, [&](int i, int y, int x) {
    windows[index(count)] = from + i * in.size() +
                            in.at(y * conv.stride - conv.pad_top, x * conv.stride - conv.pad_left);
    results[index(count)] = rows + count * f;
    ++count;
  });
  for (int i = count; i < count * conv.kernel; ++i) {
    windows[index(i)] = windows[index(i - count)] + in.row();
  }
  multiply_rows(results.data(), windows.data(), kernel, f, bias, count, f,
                {conv.kernel, conv.kernel * conv.in.c});
}

void add_windows(float* rows, const SparseMap& from, int first, const Conv2d& conv,
                 const float* kernel, const RowBits* seen, int images) {
  const int f = conv.out.c, stretch = conv.kernel * conv.in.c;
  for (int k = 0; k < conv.kernel; ++k) {
    for_each_tile(f, [&](int column, auto tile) {
      const float* part = kernel + k * stretch * f + column;
      float* sums = rows + column;
      for_each_position_seen(conv, seen, images, [&](int i, int y, int x) {
        const int in_y = y * conv.stride - conv.pad_top + k;
        const int in_x = x * conv.stride - conv.pad_left;
        if (in_y >= 0 && in_y < conv.in.h) {
          const SparseRow window =
              from.row(first + i, in_y, std::max(in_x, 0), std::min(in_x + conv.kernel, conv.in.w));
          add_sparse_row(tile, sums, window, in_x * conv.in.c, part, f);
        }
        sums += f;
      });
    });
  }
}

void append_images(SparseMap& map, LaneBits* live, const float* rows, const Activation& activation,
                   Shape shape, const RowBits* drawn, const SparseMap* blank, int images) {
  const int c = shape.c, live_size = activation.live_size();
  for (int i = 0; i < images; ++i) {
    for (int y = 0; y < shape.h; ++y, ++drawn) {
      for (int x = 0; x < shape.w;) {
        const int run = std::min(std::countr_one(*drawn >> x), shape.w - x);
        activation.append(map, live, rows, x * c, run);
        rows += run * c;
        live += run * live_size;
        for (x += run; x < shape.w && !has_bit(*drawn, x); ++x, live += live_size) {
          map.append(blank != nullptr ? blank->row(0, y, x, x + 1) : SparseRow{});
        }
      }
    }
    map.end_image();
  }
}

// The shift comes to the same in every window that has the same taps within the input.
void find_window_constants(FloatBuffer& constants, const Conv2d& conv, const float* kernel,
                           const float* bias, const float* shift) {
  const int f = conv.out.c, taps = conv.kernel * conv.kernel;
  FloatBuffer of_tap(index(taps * f), 0.0F);
  for (int tap = 0; tap < taps; ++tap) {
    for (int c = 0; c < conv.in.c; ++c) {
      const float* row = kernel + (tap * conv.in.c + c) * f;
      for (int i = 0; i < f; ++i) of_tap[index(tap * f + i)] += shift[c] * row[i];
    }
  }
  float* to = room_for(constants, index(conv.out.size()));
  for (int y = 0; y < conv.out.h; ++y) {
    for (int x = 0; x < conv.out.w; ++x, to += f) {
      std::copy_n(bias, f, to);
      for (int tap = 0; tap < taps; ++tap) {
        const int in_y = y * conv.stride - conv.pad_top + tap / conv.kernel;
        const int in_x = x * conv.stride - conv.pad_left + tap % conv.kernel;
        if (in_y < 0 || in_y >= conv.in.h || in_x < 0 || in_x >= conv.in.w) continue;
        for (int i = 0; i < f; ++i) to[i] += of_tap[index(tap * f + i)];
      }
    }
  }
}

}  // namespace inoculate
