#include "nn/fast/frozen_conv.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/shapes.h"
#include "nn/fast/blank_inputs.h"
#include "nn/fast/sparse_conv.h"

namespace inoculate {

FrozenConv::FrozenConv(const Conv2d& convolution, const float* kernel, const float* bias,
                       Activation after, const FrozenConv* before)
    : conv(convolution),
      in(grid_for_windows(convolution)),
      activation(std::move(after)),
      kernel_(kernel),
      bias_(bias) {
  if (before != nullptr) {
    find_window_constants(constants_, conv, kernel_, bias_, before->activation.shift().data());
    if (before->is_first()) {
      find_blank_sums(blank_sums_, conv, kernel_, before->ground.outputs.row(0, 0, 0, 1));
    }
  }
  find_ground(before);
}

void FrozenConv::find_ground(const FrozenConv* before) {
  const std::vector<RowBits> all(index(conv.out.h), bits_below(conv.out.w));
  const std::vector<RowBits> none(index(conv.in.h), 0);
  ground.live.resize(index(live_size()));
  ground.outputs.reset(conv.out, 1);
  if (before == nullptr) {
    const FloatBuffer blank(index(in.size()), 0.0F);
    forward(ground.outputs, ground.live.data(), blank.data(), all.data(), Blank::kGround, 1);
    return;
  }
  SparseMap nothing;  // as the first one leaves of a blank image
  nothing.reset(conv.in, 1);
  for (int i = 0; i < conv.in.h * conv.in.w; ++i) nothing.append({});
  nothing.end_image();
  forward(ground.outputs, ground.live.data(), before->is_first() ? nothing : before->ground.outputs,
          none.data(), all.data(), Blank::kGround, 1);
}

void FrozenConv::forward(SparseMap& out, LaneBits* live, const float* from, const RowBits* seen,
                         Blank blank, int images) const {
  thread_local FloatBuffer buffer;
  float* rows = room_for(buffer, index(images * conv.out.size()));
  multiply_windows(rows, from, conv, kernel_, bias_, seen, images);
  append(out, live, rows, seen, blank, images);
}

void FrozenConv::forward(SparseMap& out, LaneBits* live, const SparseMap& from,
                         const RowBits* seen_in, const RowBits* seen, Blank blank,
                         int images) const {
  thread_local FloatBuffer buffer;
  float* rows = room_for(buffer, index(images * conv.out.size()));
  float* row = rows;
  for (int i = 0; i < images; ++i) {
    row = start_windows(row, conv, constants_.data(),
                        blank_sums_.empty() ? nullptr : blank_sums_.data(), seen_in + i * conv.in.h,
                        seen + i * conv.out.h);
  }
  add_windows(rows, from, 0, conv, kernel_, seen, images);
  append(out, live, rows, seen, blank, images);
}

void FrozenConv::append(SparseMap& out, LaneBits* live, const float* rows, const RowBits* seen,
                        Blank blank, int images) const {
  append_images(out, live, rows, activation, conv.out, seen,
                blank == Blank::kGround ? &ground.outputs : nullptr, images);
}

}  // namespace inoculate
