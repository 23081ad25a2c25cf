// Convolutions in which every channel has a kernel of its own: too little work for a product. A
// vector of channels of some outputs of a row stays in registers while it meets all taps.
#include <algorithm>
#include <vector>

#include "base/parallel.h"
#include "base/simd.h"
#include "nn/ops/conv_sizes.h"

namespace inoculate {
namespace {

constexpr int kTile = 7;  // outputs: the usual maps are multiples of it wide

// What the outputs of a row meet: output i meets pixel i * stride + shift of `row`.
struct Tap {
  const float* row;
  int shift;
  const float* weights;
};

// A row of outputs, every `to_step`-th pixel.
struct Line {
  float* to;
  std::ptrdiff_t to_step;
  int count;
  int stride, in_w;
  int channels;
  const float* bias;  // [C] or null
  const float* zeros;
  const Epilogue& epilogue;
};

// The channels [c, c + width of T) of N outputs; at(tap, i) says where what output i meets begins.
template <int N, class T, class At, class Finish>
[[gnu::always_inline]] inline void sum_channels(const Line& line, float* to, int c,
                                                const std::vector<Tap>& taps, const At& at,
                                                const Finish& finish) {
  T sums[N];
  for (T& sum : sums) sum = line.bias == nullptr ? T{} : load(line.bias + c, T{});
  for (std::size_t t = 0; t < taps.size(); ++t) {
    const T w = load(taps[t].weights + c, T{});
    for (int i = 0; i < N; ++i) sums[i] += load(at(t, i) + c, T{}) * w;
  }
  for (int i = 0; i < N; ++i) {
    float* p = to + i * line.to_step + c;
    store(p, finish(sums[i], p));
  }
}

template <int N, class At>
void sum_tile(const Line& line, int begin, const std::vector<Tap>& taps, const At& at) {
  float* to = line.to + begin * line.to_step;
  line.epilogue.visit([&](auto&& finish) {
    int c = 0;
    for (; c + kLanes <= line.channels; c += kLanes) {
      sum_channels<N, Vec>(line, to, c, taps, at, finish);
    }
    for (; c < line.channels; ++c) sum_channels<N, float>(line, to, c, taps, at, finish);
  });
}

// Outputs [begin, begin + N), some of which may meet what lies beyond the row.
template <int N>
void sum_at_border(const Line& line, int begin, const std::vector<Tap>& taps,
                   std::vector<const float*>& seen) {
  seen.clear();
  for (const Tap& tap : taps) {
    for (int i = begin; i < begin + N; ++i) {
      const int x = i * line.stride + tap.shift;
      const bool inside = x >= 0 && x < line.in_w;
      seen.push_back(inside ? tap.row + static_cast<std::ptrdiff_t>(x) * line.channels
                            : line.zeros);
    }
  }
  sum_tile<N>(line, begin, taps, [table = seen.data()](std::size_t tap, int i) {
    return table[tap * N + static_cast<std::size_t>(i)];
  });
}

void sum_line(const Line& line, const std::vector<Tap>& taps, std::vector<const float*>& seen) {
  int least = 0, most = 0;
  for (const Tap& tap : taps) {
    least = std::min(least, tap.shift);
    most = std::max(most, tap.shift);
  }
  const std::ptrdiff_t step = static_cast<std::ptrdiff_t>(line.stride) * line.channels;
  int i = 0;
  for (; i + kTile <= line.count; i += kTile) {
    const bool inside =
        i * line.stride + least >= 0 && (i + kTile - 1) * line.stride + most < line.in_w;
    if (!inside) {
      sum_at_border<kTile>(line, i, taps, seen);
      continue;
    }
    sum_tile<kTile>(line, i, taps, [&, i](std::size_t tap, int k) {
      return taps[tap].row + static_cast<std::ptrdiff_t>(taps[tap].shift) * line.channels +
             (i + k) * step;
    });
  }
  for (; i < line.count; ++i) sum_at_border<1>(line, i, taps, seen);
}

}  // namespace

void depthwise_forward(float* out, const float* in, const float* prepared, const float* bias,
                       const ConvSizes& s, std::size_t n, const Epilogue& epilogue) {
  const Window& w = s.window;
  const std::vector<float> zeros(static_cast<std::size_t>(s.in_c), 0.0F);
  parallel_for(static_cast<int>(n) * s.out_h, [&](int number) {
    const auto image = static_cast<std::size_t>(number / s.out_h);
    const int y = number % s.out_h;
    std::vector<Tap> taps;
    for (int ky = 0; ky < w.kernel_h; ++ky) {
      const int iy = y * w.stride_h - w.pad_top + ky * w.dilation_h;
      if (iy < 0 || iy >= s.in_h) continue;
      const float* row =
          in + image * s.in_size() + static_cast<std::ptrdiff_t>(iy) * s.in_w * s.in_c;
      for (int kx = 0; kx < w.kernel_w; ++kx) {
        taps.push_back({row, kx * w.dilation_w - w.pad_left,
                        prepared + static_cast<std::ptrdiff_t>(ky * w.kernel_w + kx) * s.in_c});
      }
    }
    float* to = out + image * s.out_size() + static_cast<std::ptrdiff_t>(y) * s.out_w * s.out_c;
    std::vector<const float*> seen;
    sum_line({to, s.out_c, s.out_w, w.stride_w, s.in_w, s.out_c, bias, zeros.data(), epilogue},
             taps, seen);
  });
}

void depthwise_backward(float* d_in, const float* d_out, const float* prepared, const ConvSizes& s,
                        std::size_t n, const Epilogue& epilogue) {
  const Window& w = s.window;
  const std::vector<float> zeros(static_cast<std::size_t>(s.in_c), 0.0F);
  parallel_for(static_cast<int>(n) * s.in_h, [&](int number) {
    const auto image = static_cast<std::size_t>(number / s.in_h);
    const int y = number % s.in_h;
    float* to = d_in + image * s.in_size() + static_cast<std::ptrdiff_t>(y) * s.in_w * s.in_c;
    std::vector<Tap> taps;
    std::vector<const float*> seen;
    // Pixels whose columns leave the same remainder by the stride are seen by the same taps.
    for (int first = 0; first < std::min(w.stride_w, s.in_w); ++first) {
      taps.clear();
      for (int ky = 0; ky < w.kernel_h; ++ky) {
        const int up = y + w.pad_top - ky * w.dilation_h;
        if (up < 0 || up % w.stride_h != 0 || up / w.stride_h >= s.out_h) continue;
        const float* row = d_out + image * s.out_size() +
                           static_cast<std::ptrdiff_t>(up / w.stride_h) * s.out_w * s.out_c;
        for (int kx = 0; kx < w.kernel_w; ++kx) {
          const int left = first + w.pad_left - kx * w.dilation_w;
          if (left % w.stride_w != 0) continue;
          taps.push_back({row, left / w.stride_w,
                          prepared + static_cast<std::ptrdiff_t>(ky * w.kernel_w + kx) * s.in_c});
        }
      }
      const int count = (s.in_w - first + w.stride_w - 1) / w.stride_w;
      sum_line({to + static_cast<std::ptrdiff_t>(first) * s.in_c,
                static_cast<std::ptrdiff_t>(w.stride_w) * s.in_c, count, 1, s.out_w, s.in_c,
                nullptr, zeros.data(), epilogue},
               taps, seen);
    }
  });
}

void depthwise_kernel_gradient(float* d_kernel, const float* in, const float* d_out,
                               const ConvSizes& s, std::size_t begin, std::size_t end) {
  const Window& w = s.window;
  const auto c = static_cast<std::ptrdiff_t>(s.in_c);
  std::vector<float> sums(static_cast<std::size_t>(w.taps() * s.in_c));  // [taps, C]
  for (std::size_t row = begin; row < end; ++row) {
    const std::size_t image = row / static_cast<std::size_t>(s.out_h);
    const int y = static_cast<int>(row % static_cast<std::size_t>(s.out_h));
    const float* d = d_out + row * static_cast<std::size_t>(s.out_w * s.out_c);
    for (int ky = 0; ky < w.kernel_h; ++ky) {
      const int iy = y * w.stride_h - w.pad_top + ky * w.dilation_h;
      if (iy < 0 || iy >= s.in_h) continue;
      const float* line = in + image * s.in_size() + std::ptrdiff_t{iy} * s.in_w * c;
      for (int kx = 0; kx < w.kernel_w; ++kx) {
        const int shift = kx * w.dilation_w - w.pad_left;
        // The outputs that see a pixel of the line by this tap.
        const int first = shift >= 0 ? 0 : (-shift + w.stride_w - 1) / w.stride_w;
        const int last =
            shift >= s.in_w ? 0 : std::min(s.out_w, (s.in_w - 1 - shift) / w.stride_w + 1);
        float* to = sums.data() + (ky * w.kernel_w + kx) * c;
        for_each_vector(s.in_c, [&](int at, auto zero) {
          auto sum = zero;
          for (int x = first; x < last; ++x) {
            sum += load(d + x * c + at, zero) *
                   load(line + (std::ptrdiff_t{x} * w.stride_w + shift) * c + at, zero);
          }
          store(to + at, load(to + at, zero) + sum);
        });
      }
    }
  }
  const std::ptrdiff_t taps = w.taps();
  for (std::ptrdiff_t tap = 0; tap < taps; ++tap) {
    for (std::ptrdiff_t i = 0; i < c; ++i) {
      d_kernel[i * taps + tap] += sums[static_cast<std::size_t>(tap * c + i)];
    }
  }
}

}  // namespace inoculate
