// The gradient of a convolution's input.
//
// With stride S, the inputs whose row and column leave the same remainders by S are seen by the
// same taps. Each such phase is a convolution of stride 1 of the gradients with those taps,
// mirrored: a product like the forward one. Where pixels have few channels such a product would
// have few columns; there all taps of an output are multiplied at once, and their sums scattered.
#include <algorithm>
#include <vector>

#include "nn/ops/conv_sizes.h"
#include "nn/ops/packed.h"

namespace inoculate {
namespace {

constexpr int kFewChannels = 8;

bool scatters(const ConvSizes& s) {
  return s.groups == 1 && s.in_c < kFewChannels && s.window.taps() > 1;
}

// Of one axis: positions whose number leaves `remainder`, and the taps that see them.
struct AxisPhase {
  int first = 0, step = 1, count = 0;  // positions of the input
  struct Tap {
    int number;
    int shift;  // the output that sees position first + step * i is number i + shift
  };
  std::vector<Tap> taps;
};

std::vector<AxisPhase> axis_phases(int in, int kernel, int stride, int dilation, int pad) {
  std::vector<AxisPhase> phases;
  for (int first = 0; first < std::min(stride, in); ++first) {
    AxisPhase phase{first, stride, (in - first + stride - 1) / stride, {}};
    for (int k = 0; k < kernel; ++k) {
      const int offset = first + pad - k * dilation;
      if (offset % stride == 0) phase.taps.push_back({k, offset / stride});
    }
    phases.push_back(std::move(phase));
  }
  return phases;
}

struct Phase {
  AxisPhase y, x;
  std::size_t packed = 0;  // where its part of the prepared kernel begins
  int taps() const { return static_cast<int>(y.taps.size() * x.taps.size()); }
};

std::vector<Phase> phases_of(const ConvSizes& s) {
  const Window& w = s.window;
  const auto rows = axis_phases(s.in_h, w.kernel_h, w.stride_h, w.dilation_h, w.pad_top);
  const auto columns = axis_phases(s.in_w, w.kernel_w, w.stride_w, w.dilation_w, w.pad_left);
  std::vector<Phase> phases;
  std::size_t packed = 0;
  for (const AxisPhase& y : rows) {
    for (const AxisPhase& x : columns) {
      phases.push_back({y, x, packed});
      packed += static_cast<std::size_t>(s.groups) *
                packed_size(phases.back().taps() * s.group_out(), s.group_in());
    }
  }
  return phases;
}

void backward_phase(float* d_in, const float* d_out, const float* packed, const ConvSizes& s,
                    const Phase& phase, std::size_t n, const Epilogue& epilogue) {
  const int taps = phase.taps(), columns = s.group_in(), channels = s.group_out();
  const auto area =
      static_cast<std::size_t>(phase.y.count) * static_cast<std::size_t>(phase.x.count);
  const std::vector<float> beyond(static_cast<std::size_t>(s.out_c), 0.0F);
  const auto task = [&](std::size_t begin, int count, int first, int last) {
    std::vector<const float*> a(static_cast<std::size_t>(taps) * static_cast<std::size_t>(count));
    float* to[kRowBlock];
    for (int group = 0; group < s.groups; ++group) {
      for (int row = 0; row < count; ++row) {
        const std::size_t number = begin + static_cast<std::size_t>(row);
        const std::size_t image = number / area;
        const int place = static_cast<int>(number % area);
        const int y = place / phase.x.count, x = place % phase.x.count;
        const int iy = phase.y.first + phase.y.step * y, ix = phase.x.first + phase.x.step * x;
        to[row] = d_in + image * s.in_size() +
                  (static_cast<std::ptrdiff_t>(iy) * s.in_w + ix) * s.in_c + group * columns;
        const float* from = d_out + image * s.out_size() + group * channels;
        auto entry = static_cast<std::size_t>(row);
        for (const auto& ty : phase.y.taps) {
          const int oy = y + ty.shift;
          for (const auto& tx : phase.x.taps) {
            const int ox = x + tx.shift;
            const bool inside = oy >= 0 && oy < s.out_h && ox >= 0 && ox < s.out_w;
            a[entry] = inside ? from + (static_cast<std::ptrdiff_t>(oy) * s.out_w + ox) * s.out_c
                              : beyond.data();
            entry += static_cast<std::size_t>(count);
          }
        }
      }
      multiply_packed(
          to, a.data(),
          packed + static_cast<std::size_t>(group) * packed_size(taps * channels, columns), nullptr,
          count, columns, {taps, channels}, first, last, epilogue);
    }
  };
  for_each_panel_block(area * n, panel_count(columns), task);
}

// Adds the products of a row of taps [kernel_w, in_c], the first of which sees pixel x of a line.
void add_row(float* line, const float* products, int x, const ConvSizes& s) {
  const Window& w = s.window;
  if (w.dilation_w == 1 && x >= 0 && x + w.kernel_w <= s.in_w) {
    float* d = line + x * s.in_c;
    const int size = w.kernel_w * s.in_c;
    int i = 0;
    for (; i + 4 <= size; i += 4) store_four(d + i, load_four(d + i) + load_four(products + i));
    for (; i < size; ++i) d[i] += products[i];
    return;
  }
  for (int kx = 0; kx < w.kernel_w; ++kx, x += w.dilation_w, products += s.in_c) {
    if (x < 0 || x >= s.in_w) continue;
    for (int c = 0; c < s.in_c; ++c) line[x * s.in_c + c] += products[c];
  }
}

// Input rows that one task adds to: it takes the products of all outputs that see them.
constexpr int kStrip = 64;

void backward_strip(float* d_in, const float* d_out, const float* packed, const ConvSizes& s,
                    int begin, int end, const Epilogue& epilogue) {
  const Window& w = s.window;
  const int columns = w.taps() * s.in_c;
  const int reach = (w.kernel_h - 1) * w.dilation_h;
  const int first = std::max(0, (begin + w.pad_top - reach - w.stride_h + 1) / w.stride_h);
  const int last = std::min(s.out_h - 1, (end - 1 + w.pad_top) / w.stride_h);
  std::vector<float> products(static_cast<std::size_t>(kRowBlock) *
                              static_cast<std::size_t>(columns));
  float* const strip = d_in + static_cast<std::ptrdiff_t>(begin) * s.in_w * s.in_c;
  const int size = (end - begin) * s.in_w * s.in_c;
  if (!epilogue.adds()) std::fill_n(strip, size, 0.0F);
  const float* from[kRowBlock];
  float* to[kRowBlock];
  for (int i = 0; i < kRowBlock; ++i)
    to[i] = products.data() + static_cast<std::ptrdiff_t>(i) * columns;
  for (int oy = first; oy <= last; ++oy) {
    for (int x0 = 0; x0 < s.out_w; x0 += kRowBlock) {
      const int count = std::min(kRowBlock, s.out_w - x0);
      for (int i = 0; i < count; ++i) {
        from[i] = d_out + (static_cast<std::ptrdiff_t>(oy) * s.out_w + x0 + i) * s.out_c;
      }
      multiply_packed(to, from, packed, nullptr, count, columns, {1, s.out_c}, 0,
                      panel_count(columns), {});
      for (int ky = 0; ky < w.kernel_h; ++ky) {
        const int iy = oy * w.stride_h - w.pad_top + ky * w.dilation_h;
        if (iy < begin || iy >= end) continue;
        float* line = d_in + static_cast<std::ptrdiff_t>(iy) * s.in_w * s.in_c;
        for (int i = 0; i < count; ++i) {
          const int ix = (x0 + i) * w.stride_w - w.pad_left;
          add_row(line, to[i] + ky * w.kernel_w * s.in_c, ix, s);
        }
      }
    }
  }
  if (epilogue.masks()) {
    const Live* live = epilogue.live + (strip - epilogue.base);
    for (int i = 0; i < size; ++i) strip[i] = let_through(strip[i], live + i);
  }
}

}  // namespace

std::size_t conv_backward_size(const ConvSizes& s) {
  if (scatters(s)) return packed_size(s.out_c, s.window.taps() * s.in_c);
  const Phase last = phases_of(s).back();
  return last.packed + static_cast<std::size_t>(s.groups) *
                           packed_size(last.taps() * s.group_out(), s.group_in());
}

void conv_backward_prepare(float* to, const float* kernel, const ConvSizes& s) {
  const int rows = s.group_in(), columns = s.group_out();
  if (scatters(s)) {
    pack_panels(to, kernel, 1, columns, columns, s.window.taps() * rows);
    return;
  }
  for (const Phase& phase : phases_of(s)) {
    float* at = to + phase.packed;
    std::vector<std::ptrdiff_t> begins;
    for (int group = 0; group < s.groups; ++group) {
      begins.clear();
      for (const auto& ty : phase.y.taps) {
        for (const auto& tx : phase.x.taps) {
          const int tap = ty.number * s.window.kernel_w + tx.number;
          begins.push_back((static_cast<std::ptrdiff_t>(group) * s.window.taps() + tap) * rows *
                           columns);
        }
      }
      pack_runs(at, kernel, begins.data(), {phase.taps(), columns}, 1, columns, rows);
      at += packed_size(phase.taps() * columns, rows);
    }
  }
}

void conv_backward(float* d_in, const float* d_out, const float* prepared, const ConvSizes& s,
                   std::size_t n, const Epilogue& epilogue) {
  if (s.is_pointwise()) {
    const std::size_t rows = s.out_size() / static_cast<std::size_t>(s.out_c) * n;
    multiply_matrix(d_in, d_out, prepared, nullptr, rows, s.in_c, s.out_c, epilogue);
    return;
  }
  if (scatters(s)) {
    const int strips = (s.in_h + kStrip - 1) / kStrip;
    parallel_for(static_cast<int>(n) * strips, [&](int number) {
      const auto image = static_cast<std::size_t>(number / strips);
      const int begin = number % strips * kStrip;
      backward_strip(d_in + image * s.in_size(), d_out + image * s.out_size(), prepared, s, begin,
                     std::min(s.in_h, begin + kStrip), epilogue);
    });
    return;
  }
  for (const Phase& phase : phases_of(s)) {
    backward_phase(d_in, d_out, prepared + phase.packed, s, phase, n, epilogue);
  }
}

}  // namespace inoculate
