#include "nn/fast/nine_taps.h"

#include "base/simd.h"
#include "nn/fast/sparse_conv.h"

namespace inoculate {
namespace {

constexpr int kSide = 3, kTaps = kSide * kSide;

// Vectors of the kernel's columns that registers hold at once.
constexpr int kVectors = kVectorRegisters == 32 ? 2 : 1;
constexpr int kColumns = kVectors * kLanes;

// Times that the windows go by, up to which this is quicker than nn/gemm.h.
constexpr int kMostPasses = 4;

}  // namespace

bool has_nine_taps(const Conv2d& conv) {
  return conv.kernel == kSide && conv.in.c == 1 && conv.out.c % kColumns == 0 &&
         conv.out.c <= kMostPasses * kColumns;
}

// Sums run over the taps in rising order in one accumulator, as those of nn/gemm.h do.
void multiply_nine_taps(float* rows, const float* from, const Conv2d& conv, const float* kernel,
                        const float* bias, const RowBits* seen, int images) {
  const Grid in = grid_for_windows(conv);
  const int f = conv.out.c, row = in.row();
  for (int column = 0; column < f; column += kColumns) {
    Vec weights[kTaps][kVectors], start[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      const int at = column + v * kLanes;
      start[v] = load(bias + at);
      for (int tap = 0; tap < kTaps; ++tap) weights[tap][v] = load(kernel + tap * f + at);
    }
    float* to = rows + column;
    for_each_position_seen(conv, seen, images, [&](int i, int y, int x) {
      const float* window = from + i * in.size() +
                            in.at(y * conv.stride - conv.pad_top, x * conv.stride - conv.pad_left);
      Vec sums[kVectors];
      for (int v = 0; v < kVectors; ++v) sums[v] = start[v];
      for (int tap = 0; tap < kTaps; ++tap) {
        const float pixel = window[tap / kSide * row + tap % kSide];
        for (int v = 0; v < kVectors; ++v) sums[v] += pixel * weights[tap][v];
      }
      for (int v = 0; v < kVectors; ++v) store(to + v * kLanes, sums[v]);
      to += f;
    });
  }
}

}  // namespace inoculate
