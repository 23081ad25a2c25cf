#include "nn/fast/image_gradient.h"

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

#include "base/shapes.h"
#include "base/simd.h"
#include "nn/gemm.h"

namespace inoculate {
namespace {

int whole_vectors(int size) { return (size + kLanes - 1) / kLanes * kLanes; }

// planes [taps, ld] = kernel [F, ld_kernel] transposed * d [F, ld] for V vectors of positions.
template <int taps, int V>
[[gnu::noinline]] void planes_tile(float* planes, const float* d, std::ptrdiff_t ld,
                                   const float* kernel, std::ptrdiff_t ld_kernel, int f) {
  Vec sums[taps][V] = {};
  for (int k = 0; k < f; ++k, d += ld, kernel += ld_kernel) {
    Vec values[V];
    for (int v = 0; v < V; ++v) values[v] = load(d + v * kLanes);
    for (int tap = 0; tap < taps; ++tap) {
      for (int v = 0; v < V; ++v) sums[tap][v] += kernel[tap] * values[v];
    }
  }
  for (int tap = 0; tap < taps; ++tap) {
    for (int v = 0; v < V; ++v) store(planes + tap * ld + v * kLanes, sums[tap][v]);
  }
}

// The same for `positions`, whole vectors of them.
template <int taps>
void planes_of(float* planes, const float* d, std::ptrdiff_t ld, int positions, const float* kernel,
               std::ptrdiff_t ld_kernel, int f) {
  constexpr int kWide = kVectorRegisters == 32 ? 2 : 1;
  int i = 0;
  for (; i + kWide * kLanes <= positions; i += kWide * kLanes) {
    planes_tile<taps, kWide>(planes + i, d + i, ld, kernel, ld_kernel, f);
  }
  for (; i < positions; i += kLanes) {
    planes_tile<taps, 1>(planes + i, d + i, ld, kernel, ld_kernel, f);
  }
}

// Rows of planes that are zeros: the last of them stands for rows of outputs that are not wanted or
// lie beyond the edges, and as any row is read from a little before its beginning, one precedes it.
constexpr int kZeroRows = 2;

}  // namespace

ImageGradient::ImageGradient(const FrozenConv& conv)
    : conv_(conv),
      taps_(conv.conv.kernel * conv.conv.kernel * conv.conv.in.c),
      spread_((conv.conv.kernel + conv.conv.stride - 1) / conv.conv.stride) {
  const int f = conv.conv.out.c;
  width_ = whole_vectors(conv.conv.out.w + spread_);
  kernel_.resize(index(f * taps_));
  for (int k = 0; k < f; ++k) {
    for (int tap = 0; tap < taps_; ++tap) {
      kernel_[index(k * taps_ + tap)] =
          conv.activation.slope()[index(k)] * conv.kernel()[tap * f + k];
    }
  }
}

void ImageGradient::add(float* d_image, const float* d_out, const Grid& out, const RowBits* wanted,
                        const LiveOutputs& outputs, int image) const {
  thread_local FloatBuffer transposed_buffer, planes_buffer;
  thread_local std::vector<int> row_of;  // of outputs, and of those beyond the edges: in the planes
  const Conv2d& conv = conv_.conv;
  const int ld = (conv.out.h + kZeroRows) * width_;
  float* transposed = room_for(transposed_buffer, index(conv.out.c * ld));
  row_of.assign(index(conv.out.h + 2 * spread_), kZeroRows - 1);
  const int rows =
      transpose_rows(transposed, ld, row_of.data() + spread_, d_out, out, wanted, outputs, image);
  if (rows == 0) return;
  float* planes = room_for(planes_buffer, index(taps_ * ld));
  for (int tap = 0; tap < taps_; ++tap) clear_floats(planes + tap * ld, kZeroRows * width_);
  int tap = 0;
  const auto find_planes = [&]<int taps>(std::integral_constant<int, taps>) {
    for (; tap + taps <= taps_; tap += taps) {
      planes_of<taps>(planes + tap * ld + kZeroRows * width_, transposed, ld, rows * width_,
                      kernel_.data() + tap, taps_, conv.out.c);
    }
  };
  find_planes(std::integral_constant<int, 9>());
  find_planes(std::integral_constant<int, 1>());
  const int row = conv.in.w * conv.in.c;
  for (int y = 0; y < conv.in.h; ++y) {
    add_row(d_image + y * row, y, planes, ld, row_of.data() + spread_);
  }
}

// Writes the rows that are wanted to transposed [F, ld], one after the other, each of width_
// positions; returns how many, and sets row_of [OH] to where their planes will be.
int ImageGradient::transpose_rows(float* transposed, int ld, int* row_of, const float* d_out,
                                  const Grid& out, const RowBits* wanted,
                                  const LiveOutputs& outputs, int image) const {
  thread_local FloatBuffer buffer;
  const Conv2d& conv = conv_.conv;
  const int f = conv.out.c;
  float* rows = room_for(buffer, index(width_ * f));
  clear_floats(rows + conv.out.w * f, (width_ - conv.out.w) * f);
  int count = 0;
  for (int y = 0; y < conv.out.h; ++y) {
    if (wanted[y] == 0) continue;
    const LiveOutputs::Row live(outputs, image, y);
    const float* d = d_out + out.at(y, 0);
    float* row = rows;
    for (int x = 0; x < conv.out.w; ++x, d += f, row += f) {
      const LaneBits* bits = live.at(x);
      for_each_vector(f, [&](int k, auto vector) {
        store(row + k, chosen_lanes(load(d + k, vector), *bits++));
      });
    }
    transpose(transposed + count * width_, ld, rows, f, width_, f);
    row_of[y] = kZeroRows + count++;
  }
  return count;
}

// Adds to row `y` of an image.
void ImageGradient::add_row(float* to, int y, const float* planes, int ld,
                            const int* row_of) const {
  thread_local FloatBuffer buffer;
  const Conv2d& conv = conv_.conv;
  const int stride = conv.stride, c = conv.in.c, at = y + conv.pad_top;
  // The pixels that have the same place within the stride, one behind the other.
  float* phases = room_for(buffer, index(stride * c * width_));
  for (int phase = 0; phase < stride * c; ++phase) {
    for (int x = 0; x < width_; x += kLanes) {
      Vec sum{};
      for (int ky = at % stride; ky < conv.kernel; ky += stride) {
        const float* row = planes + row_of[at / stride - ky / stride] * width_ + x;
        for (int shift = 0, k = phase; k < conv.kernel * c; ++shift, k += stride * c) {
          sum += load(row + (ky * conv.kernel * c + k) * ld - shift);
        }
      }
      store(phases + phase * width_ + x, sum);
    }
  }
  if (stride == 2 && c == 1 && conv.pad_left == 0 && conv.in.w % 2 == 0) {
    for (int x = 0; x < conv.in.w / 2; ++x) {
      to[2 * x] += phases[x];
      to[2 * x + 1] += phases[width_ + x];
    }
    return;
  }
  for (int i = 0; i < conv.in.w * c; ++i) {
    const int x = i / c + conv.pad_left;
    to[i] += phases[(x % stride * c + i % c) * width_ + x / stride];
  }
}

}  // namespace inoculate
