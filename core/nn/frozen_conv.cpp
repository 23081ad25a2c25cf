#include "nn/frozen_conv.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <utility>

#include "base/simd.h"
#include "nn/sparse_conv.h"
#include "nn/sparse_products.h"

namespace inoculate {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

}  // namespace

FrozenConv::FrozenConv(const Conv2d& convolution, const float* kernel, const float* bias,
                       Activation after, const FrozenConv* before)
    : conv(convolution),
      in(grid_for_windows(convolution)),
      activation(std::move(after)),
      kernel_(kernel),
      bias_(bias) {
  if (before != nullptr) {
    find_window_constants(constants_, conv, kernel_, bias_, before->activation.shift().data());
    if (before->is_first()) find_blank_rows(*before);
  }
  find_ground(before);
}

// What every choice of blank taps in a row of a window comes to: that of one tap less, and its.
void FrozenConv::find_blank_rows(const FrozenConv& first) {
  const int f = conv.out.c, choices = 1 << conv.kernel;
  blank_rows_.assign(index(conv.kernel * choices * f), 0.0F);
  const SparseRow blank = first.ground.outputs.row(0, 0, 0, 1);
  for (int k = 0; k < conv.kernel; ++k) {
    float* rows = blank_rows_.data() + k * choices * f;
    for (int choice = 1; choice < choices; ++choice) {
      const int tap = std::countr_zero(static_cast<unsigned>(choice));
      float* row = rows + choice * f;
      copy_floats(row, rows + (choice & (choice - 1)) * f, f);
      add_sparse_row(row, blank, 0, kernel_ + (k * conv.kernel + tap) * conv.in.c * f, f);
    }
  }
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
    const RowBits* seen_here = seen_in + i * conv.in.h;
    const RowBits all = bits_below(conv.in.w);
    if (std::all_of(seen_here, seen_here + conv.in.h, [=](RowBits bits) { return bits == all; })) {
      copy_floats(row, constants_.data(), conv.out.size());
      row += conv.out.size();
      continue;
    }
    for_each_seen(conv, seen + i * conv.out.h, 1, [&](int, int y, int x) {
      start_row(row, y, x, seen_here);
      row += conv.out.c;
    });
  }
  add_windows(rows, from, 0, conv, kernel_, seen, images);
  append(out, live, rows, seen, blank, images);
}

// Sets the sums of a window [F] to what is not in the entries of its input.
void FrozenConv::start_row(float* row, int y, int x, const RowBits* seen_in) const {
  const int f = conv.out.c;
  const float* constant = constants_.data() + (y * conv.out.w + x) * f;
  copy_floats(row, constant, f);
  if (blank_rows_.empty()) return;
  const int in_x = x * conv.stride - conv.pad_left;
  for (int k = 0; k < conv.kernel; ++k) {
    const int in_y = y * conv.stride - conv.pad_top + k;
    if (in_y < 0 || in_y >= conv.in.h) continue;
    const RowBits blank = ~seen_in[in_y] & bits_below(conv.in.w);
    const RowBits window = (in_x >= 0 ? blank >> in_x : blank << -in_x) & bits_below(conv.kernel);
    if (window == 0) continue;
    const float* add = blank_rows_.data() + ((k << conv.kernel) + static_cast<int>(window)) * f;
    for_each_vector(f, [&](int i, auto vector) {
      store(row + i, load(row + i, vector) + load(add + i, vector));
    });
  }
}

void FrozenConv::append(SparseMap& out, LaneBits* live, const float* rows, const RowBits* seen,
                        Blank blank, int images) const {
  const int f = conv.out.c, live_size = activation.live_size();
  for (int i = 0; i < images; ++i) {
    for (int y = 0; y < conv.out.h; ++y, ++seen) {
      for (int x = 0; x < conv.out.w;) {
        const int shown = std::min(std::countr_one(*seen >> x), conv.out.w - x);
        activation.append(out, live, rows, x * f, shown);
        rows += shown * f;
        live += shown * live_size;
        for (x += shown; x < conv.out.w && !has_bit(*seen, x); ++x, live += live_size) {
          out.append(blank == Blank::kGround ? ground.outputs.row(0, y, x, x + 1) : SparseRow{});
        }
      }
    }
    out.end_image();
  }
}

}  // namespace inoculate
