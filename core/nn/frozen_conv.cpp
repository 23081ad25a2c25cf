#include "nn/frozen_conv.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/simd.h"

namespace inoculate {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

// What lies beyond the edges of the input, as far as windows reach.
Grid grid_for_windows(const Conv2d& c) {
  const auto after = [&](int outputs, int size, int before) {
    return std::max(0, (outputs - 1) * c.stride + c.kernel - before - size);
  };
  return {c.in, c.pad_top, c.pad_left, after(c.out.h, c.in.h, c.pad_top),
          after(c.out.w, c.in.w, c.pad_left)};
}

}  // namespace

FrozenConv::FrozenConv(const ConvLayer& layer, const float* kernel, const float* bias,
                       Activation after, const Ground* ground_before)
    : conv(layer.conv),
      in(grid_for_windows(layer.conv)),
      activation(std::move(after)),
      kernel_(kernel, conv.out.c, bias, conv.kernel * conv.kernel * conv.in.c, conv.out.c) {
  if (ground_before == nullptr || ground_before->known()) {
    find_ground(layer.plan, kernel, bias, ground_before);
  }
}

void FrozenConv::find_ground(const FieldPlan& plan, const float* kernel, const float* bias,
                             const Ground* ground_before) {
  const int f = conv.out.c, c = conv.in.c, shared = plan.shared();
  if (shared == 0) return;
  ground.row_of = plan.ground;
  ground.rows.resize(index(shared * f));
  ground.live.resize(index(shared * activation.live_size()));
  const FloatBuffer zeros(index(c), 0.0F);
  std::vector<const float*> window;  // [taps, shared rows]
  for (int tap = 0; tap < plan.taps; ++tap) {
    for (int row = 0; row < shared; ++row) {
      const int input = plan.ground_fields[index(row * plan.taps + tap)];
      window.push_back(input == kNoRow ? zeros.data() : ground_before->rows.data() + input * c);
    }
  }
  std::vector<float*> rows;
  std::vector<LaneBits*> live;
  for (int row = 0; row < shared; ++row) {
    rows.push_back(ground.rows.data() + row * f);
    live.push_back(ground.live.data() + row * activation.live_size());
  }
  multiply_rows(rows.data(), window.data(), kernel, f, bias, shared, f, {plan.taps, c});
  activation.forward(rows.data(), live.data(), shared);
}

void FrozenConv::forward(float* to, LaneBits* live, const float* from, const RowBits* seen,
                         const Grid& out, bool fill_ground, int images) const {
  thread_local std::vector<float*> results;
  thread_local std::vector<const float*> windows;  // [K, results]
  thread_local std::vector<LaneBits*> results_live;
  const int most = images * outputs(), f = conv.out.c, live_size = activation.live_size();
  results.resize(index(most));
  windows.resize(index(most * conv.kernel));
  results_live.resize(index(most));
  int count = 0;
  for (int i = 0; i < images; ++i, from += in.size(), to += out.size()) {
    for (int y = 0; y < conv.out.h; ++y, ++seen, live += conv.out.w * live_size) {
      const float* window = from + in.at(y * conv.stride - conv.pad_top, -conv.pad_left);
      float* result = to + out.at(y, 0);
      for_each_bit(*seen, [&](int x) {
        results[index(count)] = result + x * f;
        windows[index(count)] = window + x * conv.stride * conv.in.c;
        results_live[index(count++)] = live + x * live_size;
      });
      if (!fill_ground) continue;
      for_each_bit(~*seen & bits_below(conv.out.w), [&](int x) {
        const int row = ground.row_of[index(y * conv.out.w + x)];
        copy_floats(result + x * f, ground.rows.data() + row * f, f);
      });
    }
  }
  for (int i = count; i < count * conv.kernel; ++i) {
    windows[index(i)] = windows[index(i - count)] + in.row();
  }
  multiply_rows(results.data(), windows.data(), kernel_, count,
                {conv.kernel, conv.kernel * conv.in.c});
  activation.forward(results.data(), results_live.data(), count);
}

void FrozenConv::find_seen(RowBits* seen, const RowBits* seen_in) const {
  if (ground.known()) {
    see_windows(seen, seen_in, conv);
  } else {
    std::fill_n(seen, conv.out.h, bits_below(conv.out.w));
  }
}

}  // namespace inoculate
