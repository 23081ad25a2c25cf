#include "nn/blank_blocks.h"

#include <cassert>
#include <cstddef>

#include "base/simd.h"

namespace inoculate {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

BlankBlocks::BlankBlocks(const FrozenConv& first, const FieldGradient& fields,
                         const FrozenConv& second, const float* kernel,
                         const PhaseGradient& gradient)
    : first_(first.conv),
      second_(second.conv),
      image_(first.in),
      d_out_(gradient.d_out()),
      down_(WindowsAt(0, second_).count),
      across_(down_) {
  assert(first.ground.shared() == 1);  // images are blank with zeros, as their padding is
  const int c = second_.in.c, f = second_.out.c, columns = fields.columns();
  // What a pixel's gradient is multiplied by on the way from an output of the first convolution.
  FloatBuffer to_fields = fields.kernel();
  FloatBuffer slopes(index(c), 1.0F);
  float* row = slopes.data();
  const LaneBits* live = first.ground.live.data();
  first.activation.backward(&row, &live, 1);
  for (int i = 0; i < c * columns; ++i) to_fields[index(i)] *= slopes[index(i / columns)];
  // The pixels of a block: the fields of its positions, which overlap.
  const int stride = second_.stride, stretch = first_.kernel * first_.in.c;
  patch_h_ = (stride - 1) * first_.stride + first_.kernel;
  patch_w_ = patch_h_ * first_.in.c;
  const int patch = (patch_h_ * patch_w_ + kLanes - 1) / kLanes * kLanes;
  // A window of the second convolution sees each position of a block by another tap, or not at all.
  thread_local FloatBuffer buffer;
  float* to_patch = room_for(buffer, index(down_ * across_ * f * patch));
  clear_floats(to_patch, down_ * across_ * f * patch);
  FloatBuffer turned(index(f * c)), tap_fields(index(f * columns));
  std::vector<float*> results;
  std::vector<const float*> rows;
  for (int i = 0; i < f; ++i) {
    results.push_back(tap_fields.data() + i * columns);
    rows.push_back(turned.data() + i * c);
  }
  for (int tap = 0; tap < second_.kernel * second_.kernel; ++tap) {
    const int ky = tap / second_.kernel, kx = tap % second_.kernel;
    transpose(turned.data(), c, kernel + tap * c * f, f, c, f);
    multiply_rows(results.data(), rows.data(), to_fields.data(), columns, nullptr, f, columns,
                  {1, c});
    // The last window sees the block by its first taps.
    const int window = (down_ - 1 - ky / stride) * across_ + across_ - 1 - kx / stride;
    const int corner =
        ky % stride * first_.stride * patch_w_ + kx % stride * first_.stride * first_.in.c;
    for (int i = 0; i < f; ++i) {
      float* to = to_patch + (window * f + i) * patch + corner;
      for (int j = 0; j < first_.kernel * stretch; ++j) {
        to[j / stretch * patch_w_ + j % stretch] += tap_fields[index(i * columns + j)];
      }
    }
  }
  kernel_ = PackedMatrix(to_patch, patch, nullptr, down_ * across_ * f, patch);
}

void BlankBlocks::list(Found& found, RowBits* wanted, const RowBits* seen, const float* d_out,
                       int images) const {
  found.offsets.clear();
  found.image_end.clear();
  found.windows.clear();
  const int stride = second_.stride;
  for (int i = 0; i < images; ++i, seen += first_.out.h, wanted += first_.out.h) {
    for (int y = -second_.pad_top, wy = 0; y + stride <= first_.out.h; y += stride, ++wy) {
      if (y < 0) continue;
      RowBits any = 0;
      for (int k = 0; k < stride; ++k) any |= seen[y + k];
      const float* windows = d_out + i * d_out_.size() + d_out_.at(wy - down_ + 1, 0);
      RowBits blank = 0;
      for (int x = -second_.pad_left, wx = 0; x + stride <= first_.out.w; x += stride, ++wx) {
        if (x < 0 || (any >> x & bits_below(stride)) != 0) continue;
        blank |= bits_below(stride) << x;
        found.offsets.push_back(
            image_.at(y * first_.stride - first_.pad_top, x * first_.stride - first_.pad_left));
        found.windows.push_back(windows + (wx - across_ + 1) * second_.out.c);
      }
      for (int k = 0; k < stride; ++k) wanted[y + k] &= ~blank;
    }
    found.image_end.push_back(static_cast<int>(found.offsets.size()));
  }
}

void BlankBlocks::find(Found& found, RowBits* wanted, const RowBits* seen, const float* d_out,
                       int images) const {
  list(found, wanted, seen, d_out, images);
  thread_local std::vector<float*> results;
  const auto count = static_cast<int>(found.windows.size());
  float* patch = room_for(found.patches, index(count * kernel_.columns()));
  results.clear();
  for (int i = 0; i < count; ++i) results.push_back(patch + i * kernel_.columns());
  for (int row = count; row < count * down_; ++row) {
    found.windows.push_back(found.windows[index(row - count)] + d_out_.row());
  }
  multiply_rows(results.data(), found.windows.data(), kernel_, count,
                {down_, across_ * second_.out.c});
}

void BlankBlocks::add(float* d_image, const Found& found, int image) const {
  const int begin = image == 0 ? 0 : found.image_end[index(image - 1)];
  const float* from = found.patches.data() + begin * kernel_.columns();
  for (int block = begin; block < found.image_end[index(image)]; ++block) {
    float* to = d_image + found.offsets[index(block)];
    add_patch(to, image_.row(), from, patch_h_, patch_w_);
    from += kernel_.columns();
  }
}

}  // namespace inoculate
