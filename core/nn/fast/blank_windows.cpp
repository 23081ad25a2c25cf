#include "nn/fast/blank_windows.h"

#include <algorithm>
#include <cstddef>

#include "base/shapes.h"
#include "base/simd.h"
#include "nn/fast/sparse_products.h"
#include "nn/gemm.h"

namespace inoculate {
namespace {

// Pixels that a window of the second convolution shows along an axis.
int shown(const Conv2d& first, const Conv2d& second) {
  return (second.kernel - 1) * first.stride + first.kernel;
}

Grid grid_for_patches(const Conv2d& first, const Conv2d& second) {
  const auto before = [&](int pad_first, int pad_second) {
    return pad_second * first.stride + pad_first;
  };
  const auto after = [&](int outputs, int size, int reach_before) {
    return std::max(0, (outputs - 1) * second.stride * first.stride - reach_before +
                           shown(first, second) - size);
  };
  const int top = before(first.pad_top, second.pad_top);
  const int left = before(first.pad_left, second.pad_left);
  // Patches have up to three zeros at the end of a row.
  return {first.in, top, left, after(second.out.h, first.in.h, top),
          after(second.out.w, first.in.w, left) + 3};
}

// The windows along an axis whose patch is exact: they contain no place beyond the edge of the
// first convolution's outputs which, were it an output, would contribute to the image.
RowBits fitting(const Conv2d& first, const Conv2d& second, int windows, int places, int pixels,
                int pad_first, int pad_second) {
  RowBits fit = 0;
  for (int i = 0; i < windows; ++i) {
    bool fits = true;
    for (int k = 0; k < second.kernel; ++k) {
      const int place = i * second.stride - pad_second + k;
      const int pixel = place * first.stride - pad_first;
      const bool is_beyond = place < 0 || place >= places;
      if (is_beyond && pixel < pixels && pixel + first.kernel > 0) fits = false;
    }
    fit |= RowBits{fits} << i;
  }
  return fit;
}

}  // namespace

BlankWindows::BlankWindows(const FrozenConv& first, const ImageGradient& to_images,
                           const FrozenConv& second, const ConvGradient& to_first)
    : first_(first.conv),
      second_(second.conv),
      patch_(shown(first_, second_), shown(first_, second_) * first_.in.c),
      image_(grid_for_patches(first_, second_)) {
  const RowBits down = fitting(first_, second_, second_.out.h, first_.out.h, first_.in.h,
                               first_.pad_top, second_.pad_top);
  const RowBits across = fitting(first_, second_, second_.out.w, first_.out.w, first_.in.w,
                                 first_.pad_left, second_.pad_left);
  for (int y = 0; y < second_.out.h; ++y) fit_.push_back(has_bit(down, y) ? across : 0);
  // What the rectifier lets through on blank ground.
  const int c = second_.in.c, f = second_.out.c, size = to_images.taps();
  FloatBuffer to_fields = to_images.kernel();
  FloatBuffer live(index(c), 1.0F);
  const LaneBits* bits = first.ground.live.data();
  for_each_vector(c, [&](int i, auto vector) {
    float* at = live.data() + i;
    store(at, chosen_lanes(load(at, vector), *bits++));
  });
  for (int i = 0; i < c * size; ++i) to_fields[index(i)] *= live[index(i / size)];
  kernel_.assign(index(f * patch_.size()), 0.0F);
  FloatBuffer fields(index(f * size));
  std::vector<float*> results;
  std::vector<const float*> rows(index(f));
  for (int i = 0; i < f; ++i) results.push_back(fields.data() + i * size);
  for (int tap = 0; tap < second_.kernel * second_.kernel; ++tap) {
    const int ky = tap / second_.kernel, kx = tap % second_.kernel;
    for (int i = 0; i < f; ++i) {
      rows[index(i)] = to_first.kernel(ky) + i * to_first.row() + kx * c;
    }
    multiply_rows(results.data(), rows.data(), to_fields.data(), size, nullptr, f, size, {1, c});
    float* corner =
        kernel_.data() + ky * first_.stride * patch_.row + kx * first_.stride * first_.in.c;
    for (int i = 0; i < f; ++i) {
      const float* field = fields.data() + i * size;
      for (int y = 0; y < first_.kernel; ++y) {
        for (int x = 0; x < first_.kernel * first_.in.c; ++x) {
          corner[i * patch_.size() + y * patch_.row + x] +=
              field[y * first_.kernel * first_.in.c + x];
        }
      }
    }
  }
}

void BlankWindows::leave_out(RowBits* windows, const RowBits* seen) const {
  for (int y = 0; y < second_.out.h; ++y) windows[y] &= seen[y] | ~fit_[index(y)];
}

void BlankWindows::add(float* d_image, const SparseMap& d_out, int image,
                       const RowBits* windows) const {
  thread_local FloatBuffer buffer;
  float* patch = room_for(buffer, index(patch_.size()));
  for (int y = 0; y < second_.out.h; ++y) {
    for_each_bit(~windows[y] & bits_below(second_.out.w), [&](int x) {
      clear_floats(patch, patch_.size());
      add_sparse_row(patch, d_out.row(image, y, x, x + 1), x * second_.out.c, kernel_.data(),
                     patch_.size());
      patch_.add(
          d_image +
              image_.at((y * second_.stride - second_.pad_top) * first_.stride - first_.pad_top,
                        (x * second_.stride - second_.pad_left) * first_.stride - first_.pad_left),
          image_.row(), patch);
    });
  }
}

}  // namespace inoculate
