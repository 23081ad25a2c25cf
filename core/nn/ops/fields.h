// The receptive fields of a convolution's outputs, as the left operand of a product: where pixels
// have many channels a pointer to each of them; where they have few, a pointer to each row of the
// field, which lies there already unless it reaches beyond the image: then it is copied.
#pragma once

#include <vector>

#include "nn/gemm.h"
#include "nn/ops/conv_sizes.h"

namespace inoculate {

// Below this many channels a product would spend its time on pointers.
inline constexpr int kFewFieldChannels = 12;

// The receptive fields of some outputs of a group, as the left operand of a product.
class Fields {
 public:
  Fields(const ConvSizes& sizes, int rows)
      : s_(sizes),
        by_row_(sizes.group_in() < kFewFieldChannels),
        runs_(by_row_ ? Runs{s_.window.kernel_h, s_.window.kernel_w * s_.group_in()}
                      : Runs{s_.window.taps(), s_.group_in()}),
        rows_(rows),
        table_(size(runs_.count) * size(rows)),
        copies_(by_row_ ? table_.size() * size(runs_.length) : 0),
        zeros_(size(runs_.length)) {}

  const Runs& runs() const { return runs_; }

  // Those of outputs begin, begin + 1, ... of all images. The pointers are [runs, rows].
  const float* const* of(const float* in, std::size_t begin, int group) {
    const Window& w = s_.window;
    const std::size_t area = size(s_.out_h) * size(s_.out_w);
    const float* image = in + begin / area * s_.in_size() + group * s_.group_in();
    int y = static_cast<int>(begin % area) / s_.out_w,
        x = static_cast<int>(begin % area) % s_.out_w;
    for (int row = 0; row < rows_; ++row) {
      for (int ky = 0; ky < w.kernel_h; ++ky) {
        const int iy = y * w.stride_h - w.pad_top + ky * w.dilation_h;
        const bool inside = iy >= 0 && iy < s_.in_h;
        const float* line = inside ? image + std::ptrdiff_t{iy} * s_.in_w * s_.in_c : nullptr;
        const int ix = x * w.stride_w - w.pad_left;
        by_row_ ? point_at_row(line, ix, ky, row) : point_at_taps(line, ix, ky, row);
      }
      if (++x < s_.out_w) continue;
      x = 0;
      if (++y < s_.out_h) continue;
      y = 0;
      image += s_.in_size();
    }
    return table_.data();
  }

 private:
  static std::size_t size(int count) { return static_cast<std::size_t>(count); }

  // line: the row of the image that is seen, or null beyond it.
  void point_at_taps(const float* line, int ix, int ky, int row) {
    const Window& w = s_.window;
    const float** entry = table_.data() + size(ky * w.kernel_w * rows_ + row);
    for (int kx = 0; kx < w.kernel_w; ++kx, ix += w.dilation_w, entry += rows_) {
      const bool inside = line != nullptr && ix >= 0 && ix < s_.in_w;
      *entry = inside ? line + std::ptrdiff_t{ix} * s_.in_c : zeros_.data();
    }
  }

  void point_at_row(const float* line, int ix, int ky, int row) {
    const Window& w = s_.window;
    const float*& entry = table_[size(ky * rows_ + row)];
    if (line == nullptr) {
      entry = zeros_.data();
    } else if (s_.groups == 1 && w.dilation_w == 1 && ix >= 0 && ix + w.kernel_w <= s_.in_w) {
      entry = line + std::ptrdiff_t{ix} * s_.in_c;
    } else {
      float* copy = copies_.data() + size(ky * rows_ + row) * size(runs_.length);
      entry = copy;
      for (int kx = 0; kx < w.kernel_w; ++kx, ix += w.dilation_w) {
        const bool inside = ix >= 0 && ix < s_.in_w;
        const float* from = inside ? line + std::ptrdiff_t{ix} * s_.in_c : zeros_.data();
        for (int c = 0; c < s_.group_in(); ++c) *copy++ = from[c];
      }
    }
  }

  const ConvSizes& s_;
  bool by_row_;
  Runs runs_;
  int rows_;
  std::vector<const float*> table_;
  std::vector<float> copies_, zeros_;
};

}  // namespace inoculate
