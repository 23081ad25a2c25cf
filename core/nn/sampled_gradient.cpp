#include "nn/sampled_gradient.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/simd.h"
#include "nn/sparse_products.h"

namespace inoculate {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

// The outputs beyond the edges that windows would have to be at to see all inputs by all taps.
Grid grid_for_inputs(const Conv2d& c) {
  const auto after = [&](int inputs, int pad, int outputs) {
    return std::max(0, (inputs - 1 + pad) / c.stride - (outputs - 1));
  };
  return {c.out, std::max(0, c.kernel - 1 - c.pad_top) / c.stride,
          std::max(0, c.kernel - 1 - c.pad_left) / c.stride, after(c.in.h, c.pad_top, c.out.h),
          after(c.in.w, c.pad_left, c.out.w)};
}

}  // namespace

SampledGradient::SampledGradient(const FrozenConv& conv)
    : conv_(conv.conv), in_(conv.in), out_(grid_for_inputs(conv.conv)) {
  const int c = conv_.in.c, f = conv_.out.c, stride = conv_.stride;
  const FloatBuffer& slope = conv.activation.slope();
  for (int phase = 0; phase < stride * stride; ++phase) {
    const int down = windows_at(phase / stride), across = windows_at(phase % stride);
    FloatBuffer& kernel = kernels_.emplace_back(index(c * down * across * f));
    float* to = kernel.data();
    for (int channel = 0; channel < c; ++channel) {
      for (int window = 0; window < down * across; ++window) {
        // The first window sees the input by its last tap.
        const int ky = phase / stride + (down - 1 - window / across) * stride;
        const int kx = phase % stride + (across - 1 - window % across) * stride;
        const float* from = conv.kernel() + ((ky * conv_.kernel + kx) * c + channel) * f;
        for (int i = 0; i < f; ++i) *to++ = slope[index(i)] * from[i];
      }
    }
  }
}

int SampledGradient::cost() const {
  constexpr int kSum = 64;
  return conv_.kernel * conv_.kernel * conv_.out.c / (conv_.stride * conv_.stride) + kSum;
}

void SampledGradient::backward(float* d_in, const LiveOutputs& inputs, const RowBits* wanted,
                               const SparseMap& d_out, int first, const LiveOutputs& outputs,
                               const RowBits* windows, ImageBits images) const {
  thread_local GridBuffer buffer;
  float* d = buffer.room(out_, static_cast<int>(std::bit_width(images)));
  for_each_bit(images, [&](int i) {
    spread(d + i * out_.size(), d_out, first + i, outputs, i, windows + i * conv_.out.h);
  });
  // One kernel after the other, each for all images, as it just fits into the first cache.
  for (int phase_y = 0; phase_y < conv_.stride; ++phase_y) {
    for (int phase_x = 0; phase_x < conv_.stride; ++phase_x) {
      for_each_bit(images, [&](int i) {
        sample(d_in + i * in_.size(), inputs, i, wanted + i * conv_.in.h, d + i * out_.size(),
               phase_y, phase_x);
      });
    }
  }
}

// Writes d_out of an image to the grid of outputs, with zeros where it is not live.
void SampledGradient::spread(float* to, const SparseMap& d_out, int of_image,
                             const LiveOutputs& outputs, int image, const RowBits* windows) const {
  for (int y = 0; y < conv_.out.h; ++y) {
    for (int x = 0; x < conv_.out.w; ++x) {
      float* d = to + out_.at(y, x);
      if (!has_bit(windows[y], x)) {
        clear_floats(d, conv_.out.c);
        continue;
      }
      const float* values = d_out.row(of_image, y, x, x + 1).values;
      const LaneBits* bits = outputs.at(image, y, x);
      for_each_vector(conv_.out.c, [&](int f, auto vector) {
        store(d + f, unpack_lanes(values, *bits, vector));
        values += std::popcount(*bits++);
      });
    }
  }
}

// Sets d_in of one image at the positions of one phase.
void SampledGradient::sample(float* d_in, const LiveOutputs& inputs, int image,
                             const RowBits* wanted, const float* d_out, int phase_y,
                             int phase_x) const {
  const int c = conv_.in.c, stride = conv_.stride;
  const int down = windows_at(phase_y), across = windows_at(phase_x);
  const int run = across * conv_.out.c, size = down * run;
  const float* kernel = kernels_[index(phase_y * stride + phase_x)].data();
  const auto first = [stride](int phase, int pad) {
    return ((phase - pad) % stride + stride) % stride;
  };
  for (int y = first(phase_y, conv_.pad_top); y < conv_.in.h; y += stride) {
    const int out_y = (y + conv_.pad_top) / stride - (down - 1);
    for (int x = first(phase_x, conv_.pad_left); x < conv_.in.w; x += stride) {
      float* to = d_in + in_.at(y, x);
      if (!has_bit(wanted[y], x)) {
        clear_floats(to, c);
        continue;
      }
      const float* d = d_out + out_.at(out_y, (x + conv_.pad_left) / stride - (across - 1));
      const LaneBits* live = inputs.at(image, y, x);
      for (int channel = 0; channel < c; channel += kMostColumns) {
        const int channels = std::min(kMostColumns, c - channel);
        std::uint64_t bits = 0;
        for_each_vector(channels, [&](int i, auto) { bits |= std::uint64_t{*live++} << i; });
        multiply_at(to + channel, bits, {d, down, run, out_.row()}, kernel + channel * size);
      }
    }
  }
}

}  // namespace inoculate
