// What the kernels of convolutions know of one: sizes, and where its weights lie.
#pragma once

#include <cstddef>

#include "nn/graph/graph.h"
#include "nn/ops/epilogue.h"

namespace inoculate {

/// A convolution from [N, in_h, in_w, in_c] to [N, out_h, out_w, out_c]. Its kernel is
/// [groups, kernel_h, kernel_w, in_c / groups, out_c / groups].
struct ConvSizes {
  int in_h = 1, in_w = 1, in_c = 1;
  int out_h = 1, out_w = 1, out_c = 1;
  Window window;
  int groups = 1;

  int group_in() const { return in_c / groups; }
  int group_out() const { return out_c / groups; }
  std::size_t in_size() const { return static_cast<std::size_t>(in_h * in_w * in_c); }
  std::size_t out_size() const { return static_cast<std::size_t>(out_h * out_w * out_c); }
  /// Each output is a function of the one pixel at its place.
  bool is_pointwise() const {
    return window.taps() == 1 && in_h == out_h && in_w == out_w && window.stride_h == 1 &&
           window.stride_w == 1 && window.pad_top == 0 && window.pad_left == 0 && groups == 1;
  }
  bool is_depthwise() const { return groups == in_c && in_c == out_c && in_c > 1; }
  double multiply_adds() const {
    return static_cast<double>(out_size()) * window.taps() * group_in();
  }
};

/// Of a convolution, or of pooling, from shape `in` to `out`, both [positions..., c] with one axis
/// of positions or two.
inline ConvSizes conv_sizes(const Extents& in, const Extents& out, const Attributes& attributes) {
  const auto grid = [](const Extents& e) { return e.size() == 2 ? Extents{1, e[0], e[1]} : e; };
  const Extents from = grid(in), to = grid(out);
  return {from[0], from[1], from[2], to[0], to[1], to[2], attributes.window, attributes.groups};
}

/// Calls body(first channel of the pixel) for every pixel that the window at (y, x) sees.
template <class F>
void for_each_pixel_seen(const ConvSizes& s, int y, int x, F&& body) {
  const Window& w = s.window;
  for (int ky = 0; ky < w.kernel_h; ++ky) {
    const int iy = y * w.stride_h - w.pad_top + ky * w.dilation_h;
    if (iy < 0 || iy >= s.in_h) continue;
    for (int kx = 0; kx < w.kernel_w; ++kx) {
      const int ix = x * w.stride_w - w.pad_left + kx * w.dilation_w;
      if (ix < 0 || ix >= s.in_w) continue;
      body((static_cast<std::ptrdiff_t>(iy) * s.in_w + ix) * s.in_c);
    }
  }
}

/// What each output of a pool sees: calls body(output, number of the input), output by output.
template <class F>
void for_each_pair_seen(const ConvSizes& s, F&& body) {
  for (int i = 0; i < s.out_h * s.out_w * s.in_c; ++i) {
    const int c = i % s.in_c, x = i / s.in_c % s.out_w, y = i / s.in_c / s.out_w;
    for_each_pixel_seen(s, y, x, [&](std::ptrdiff_t at) { body(i, static_cast<int>(at) + c); });
  }
}

/// The kernel laid out for conv_forward, and for conv_backward.
std::size_t conv_forward_size(const ConvSizes& sizes);
void conv_forward_prepare(float* to, const float* kernel, const ConvSizes& sizes);
std::size_t conv_backward_size(const ConvSizes& sizes);
void conv_backward_prepare(float* to, const float* kernel, const ConvSizes& sizes);

/// out [n, out] of in [n, in] and bias [out_c] or null.
void conv_forward(float* out, const float* in, const float* prepared, const float* bias,
                  const ConvSizes& sizes, std::size_t n, const Epilogue& epilogue);
/// d_in [n, in], the gradient of d_out [n, out].
void conv_backward(float* d_in, const float* d_out, const float* prepared, const ConvSizes& sizes,
                   std::size_t n, const Epilogue& epilogue);

/// Adds to d_kernel, of the kernel's layout, the gradient by it of what in [n, in] and d_out [n,
/// out] say.
void conv_kernel_gradient(float* d_kernel, const float* in, const float* d_out,
                          const ConvSizes& sizes, std::size_t n);

/// The same where every channel has a kernel of its own: prepared is [taps, C] both ways.
void depthwise_forward(float* out, const float* in, const float* prepared, const float* bias,
                       const ConvSizes& sizes, std::size_t n, const Epilogue& epilogue);
void depthwise_backward(float* d_in, const float* d_out, const float* prepared,
                        const ConvSizes& sizes, std::size_t n, const Epilogue& epilogue);
/// Adds what rows [begin, end) of out, those of all images counted, tell of d_kernel [C, taps].
void depthwise_kernel_gradient(float* d_kernel, const float* in, const float* d_out,
                               const ConvSizes& sizes, std::size_t begin, std::size_t end);

}  // namespace inoculate
