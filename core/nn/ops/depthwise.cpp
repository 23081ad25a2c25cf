// Convolutions in which every channel has a kernel of its own: too little work for a product, so a
// few vectors of channels at a time meet all taps in registers.
#include <algorithm>

#include "base/parallel.h"
#include "base/simd.h"
#include "nn/ops/conv_sizes.h"

namespace inoculate {
namespace {

// Sums for the channels [c, c + V vectors) over `count` taps: `from` and `weights` say where each
// is. They begin with `start` [C], or with 0 where it is null.
template <int V, class T>
[[gnu::always_inline]] inline void sum_taps(float* to, const float* const* from,
                                            const float* const* weights, int count, int c,
                                            const float* start) {
  constexpr int kStep = sizeof(T) / sizeof(float);
  T sums[V];
  for (int v = 0; v < V; ++v) sums[v] = start == nullptr ? T{} : load(start + c + v * kStep, T{});
  for (int tap = 0; tap < count; ++tap) {
    const float* x = from[tap] + c;
    const float* w = weights[tap] + c;
    for (int v = 0; v < V; ++v) sums[v] += load(x + v * kStep, T{}) * load(w + v * kStep, T{});
  }
  for (int v = 0; v < V; ++v) store(to + c + v * kStep, sums[v]);
}

void sum_all_channels(float* to, const float* const* from, const float* const* weights, int count,
                      int channels, const float* start) {
  int c = 0;
  for (; c + 4 * kLanes <= channels; c += 4 * kLanes) {
    sum_taps<4, Vec>(to, from, weights, count, c, start);
  }
  for (; c + kLanes <= channels; c += kLanes) sum_taps<1, Vec>(to, from, weights, count, c, start);
  for (; c < channels; ++c) sum_taps<1, float>(to, from, weights, count, c, start);
}

// The pairs of tap and position of an axis: body(tap, position at the other side).
template <class F>
void taps_seen(int kernel, int begin, int dilation, int end, F&& body) {
  for (int k = 0; k < kernel; ++k) {
    const int at = begin + k * dilation;
    if (at >= 0 && at < end) body(k, at);
  }
}
template <class F>
void taps_seeing(int kernel, int position, int dilation, int stride, int end, F&& body) {
  for (int k = 0; k < kernel; ++k) {
    const int offset = position - k * dilation;
    if (offset >= 0 && offset % stride == 0 && offset / stride < end) body(k, offset / stride);
  }
}

}  // namespace

void depthwise_forward(float* out, const float* in, const float* prepared, const float* bias,
                       const ConvSizes& s, std::size_t n) {
  const Window& w = s.window;
  parallel_for(static_cast<int>(n) * s.out_h, [&](int number) {
    const auto image = static_cast<std::size_t>(number / s.out_h);
    const int y = number % s.out_h;
    const float* from = in + image * s.in_size();
    float* to = out + image * s.out_size() + static_cast<std::ptrdiff_t>(y) * s.out_w * s.out_c;
    std::vector<const float*> seen(static_cast<std::size_t>(w.taps())), weights(seen.size());
    for (int x = 0; x < s.out_w; ++x) {
      int count = 0;
      taps_seen(w.kernel_h, y * w.stride_h - w.pad_top, w.dilation_h, s.in_h, [&](int ky, int iy) {
        taps_seen(w.kernel_w, x * w.stride_w - w.pad_left, w.dilation_w, s.in_w,
                  [&](int kx, int ix) {
                    const auto i = static_cast<std::size_t>(count++);
                    seen[i] = from + (static_cast<std::ptrdiff_t>(iy) * s.in_w + ix) * s.in_c;
                    weights[i] = prepared + (ky * w.kernel_w + kx) * s.in_c;
                  });
      });
      sum_all_channels(to + static_cast<std::ptrdiff_t>(x) * s.out_c, seen.data(), weights.data(),
                       count, s.out_c, bias);
    }
  });
}

void depthwise_backward(float* d_in, const float* d_out, const float* prepared, const ConvSizes& s,
                        std::size_t n) {
  const Window& w = s.window;
  parallel_for(static_cast<int>(n) * s.in_h, [&](int number) {
    const auto image = static_cast<std::size_t>(number / s.in_h);
    const int y = number % s.in_h;
    const float* from = d_out + image * s.out_size();
    float* to = d_in + image * s.in_size() + static_cast<std::ptrdiff_t>(y) * s.in_w * s.in_c;
    std::vector<const float*> seen(static_cast<std::size_t>(w.taps())), weights(seen.size());
    for (int x = 0; x < s.in_w; ++x) {
      int count = 0;
      taps_seeing(
          w.kernel_h, y + w.pad_top, w.dilation_h, w.stride_h, s.out_h, [&](int ky, int oy) {
            taps_seeing(
                w.kernel_w, x + w.pad_left, w.dilation_w, w.stride_w, s.out_w, [&](int kx, int ox) {
                  const auto i = static_cast<std::size_t>(count++);
                  seen[i] = from + (static_cast<std::ptrdiff_t>(oy) * s.out_w + ox) * s.out_c;
                  weights[i] = prepared + (ky * w.kernel_w + kx) * s.in_c;
                });
          });
      float* d = to + static_cast<std::ptrdiff_t>(x) * s.in_c;
      sum_all_channels(d, seen.data(), weights.data(), count, s.in_c, d);
    }
  });
}

}  // namespace inoculate
