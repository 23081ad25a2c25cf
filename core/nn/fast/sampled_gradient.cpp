#include "nn/fast/sampled_gradient.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/shapes.h"
#include "base/simd.h"
#include "nn/fast/sparse_conv.h"
#include "nn/fast/sparse_products.h"

namespace inoculate {
namespace {

// The outputs beyond the edges that windows would have to be at to see all inputs by all taps.
Grid grid_for_inputs(const Conv2d& c) {
  const auto after = [&](int inputs, int pad, int outputs) {
    return std::max(0, (inputs - 1 + pad) / c.stride - (outputs - 1));
  };
  return {c.out, std::max(0, c.kernel - 1 - c.pad_top) / c.stride,
          std::max(0, c.kernel - 1 - c.pad_left) / c.stride, after(c.in.h, c.pad_top, c.out.h),
          after(c.in.w, c.pad_left, c.out.w)};
}

// Some places, and at which of them each channel is live: the bits of LiveOutputs, transposed.
class LivePlaces {
  static constexpr int kMost = 64;

 public:
  void clear(int channels) {
    count_ = 0;
    channels_ = channels;
    for (auto& half : halves_) half.assign(index(channels), 0);
  }
  void add(Place place, const LaneBits* live) {
    std::int32_t* half = halves_[count_ / 32].data();
    const auto bit = static_cast<std::int32_t>(1U << count_ % 32);
    for_each_vector(channels_, [&](int c, auto vector) {
      if constexpr (sizeof vector == sizeof(LaneInts)) {
        const Vec chosen = chosen_lanes(reinterpret_cast<Vec>(LaneInts{} + bit), *live++);
        store_whole(half + c, load_whole(half + c) | reinterpret_cast<LaneInts>(chosen));
      } else if (*live++ != 0) {
        half[c] |= bit;
      }
    });
    places_[index(count_++)] = place;
  }
  bool full() const { return count_ == kMost; }
  std::uint64_t where(int channel) const {
    const auto low = static_cast<std::uint32_t>(halves_[0][index(channel)]);
    const auto high = static_cast<std::uint32_t>(halves_[1][index(channel)]);
    return low | std::uint64_t{high} << 32;
  }
  const Place* places() const { return places_.data(); }

 private:
  int count_ = 0;
  int channels_ = 0;
  std::array<Place, kMost> places_;
  std::vector<std::int32_t> halves_[2];  // [C]: a bit a place
};

}  // namespace

SampledGradient::SampledGradient(const Conv2d& conv, const float* kernel, const float* slope)
    : conv_(conv), in_(grid_for_windows(conv)), out_(grid_for_inputs(conv)) {
  const int stride = conv.stride, f = conv.out.c;
  const auto first = [&](int place, int pad) { return ((place - pad) % stride + stride) % stride; };
  const auto windows = [&](int place) { return (conv.kernel - place + stride - 1) / stride; };
  std::ptrdiff_t rows = 0;
  for (int place = 0; place < stride * stride; ++place) {
    const int place_y = place / stride, place_x = place % stride;
    Phase phase{first(place_y, conv.pad_top),
                first(place_x, conv.pad_left),
                0,
                0,
                windows(place_y),
                windows(place_x),
                rows};
    phase.out_y = (phase.y + conv.pad_top) / stride - (phase.down - 1);
    phase.out_x = (phase.x + conv.pad_left) / stride - (phase.across - 1);
    rows += phase.down * phase.across * conv.in.c * f;
    phases_.push_back(phase);
  }
  kernel_.resize(index(conv.kernel_size()));
  for_each_row([&](std::ptrdiff_t own, std::ptrdiff_t row) {
    for (int i = 0; i < f; ++i) {
      kernel_[static_cast<std::size_t>(own + i)] =
          slope != nullptr ? slope[i] * kernel[row + i] : kernel[row + i];
    }
  });
}

// Calls body(where it is in our order, where it is in the kernel) for every row [F].
template <class F>
void SampledGradient::for_each_row(F&& body) const {
  const int c = conv_.in.c, f = conv_.out.c, stride = conv_.stride;
  for (int place = 0; place < stride * stride; ++place) {
    const Phase& phase = phases_[index(place)];
    std::ptrdiff_t own = phase.rows;
    for (int channel = 0; channel < c; ++channel) {
      for (int window = 0; window < phase.down * phase.across; ++window, own += f) {
        // The first window reads the input by its last tap.
        const int ky = place / stride + (phase.down - 1 - window / phase.across) * stride;
        const int kx = place % stride + (phase.across - 1 - window % phase.across) * stride;
        body(own, ((ky * conv_.kernel + kx) * c + channel) * f);
      }
    }
  }
}

// Calls body(y, x, the gradients of the outputs that see it) for the inputs of one phase.
template <class F>
void SampledGradient::for_each_input(const Phase& phase, const float* d_out, F&& body) const {
  const int height = conv_.in.h, width = conv_.in.w, stride = conv_.stride, f = conv_.out.c;
  Stretches outputs{nullptr, phase.down, phase.across * f, out_.row()};
  const float* row = d_out + out_.at(phase.out_y, phase.out_x);
  for (int y = phase.y; y < height; y += stride, row += outputs.stride) {
    outputs.first = row;
    for (int x = phase.x; x < width; x += stride, outputs.first += f) body(y, x, outputs);
  }
}

int SampledGradient::cost() const {
  constexpr int kSum = 64;
  return conv_.kernel * conv_.kernel * conv_.out.c / (conv_.stride * conv_.stride) + kSum;
}

void SampledGradient::backward(float* d_in, const LiveOutputs& inputs, const RowBits* wanted,
                               const float* d_out, ImageBits images) const {
  const LiveOutputs live_at = inputs;  // what is written cannot be among it, as a compiler sees it
  const Grid in = in_;
  const int c = conv_.in.c, height = conv_.in.h;
  // One part of the kernel after the other, each for all images: it just fits into the first cache.
  for (const Phase& phase : phases_) {
    const float* rows = kernel_.data() + phase.rows;
    const int size = phase.down * phase.across * conv_.out.c;
    for_each_bit(images, [&](int i) {
      float* image = d_in + i * in.size();
      for_each_input(phase, d_out + i * out_.size(), [&](int y, int x, const Stretches& outputs) {
        float* to = image + in.at(y, x);
        if (!has_bit(wanted[i * height + y], x)) return clear_floats(to, c);
        const LaneBits* live = live_at.at(i, y, x);
        for (int channel = 0; channel < c; channel += kMostColumns) {
          std::uint64_t bits = 0;
          for_each_vector(std::min(kMostColumns, c - channel),
                          [&](int k, auto) { bits |= std::uint64_t{*live++} << k; });
          multiply_at(to + channel, bits, outputs, rows + channel * size);
        }
      });
    });
  }
}

void SampledGradient::backward_with_kernel(float* d_in, float* sums, const float* x,
                                           const LiveOutputs& inputs, const RowBits* wanted,
                                           const float* d_out) const {
  thread_local LivePlaces live;
  const int c = conv_.in.c;
  live.clear(c);
  // One channel after the other, each at all places: what its gradient sums up stays in registers.
  for (const Phase& phase : phases_) {
    const int size = phase.down * phase.across * conv_.out.c;
    Stretches outputs{};
    const auto multiply = [&] {
      outputs.first = d_out;
      for (int channel = 0; channel < c; ++channel) {
        const std::ptrdiff_t row = phase.rows + channel * size;
        multiply_and_add_at(d_in + channel, sums + row, x + channel, live.where(channel),
                            live.places(), outputs, kernel_.data() + row);
      }
      live.clear(c);
    };
    for_each_input(phase, d_out, [&](int row, int column, const Stretches& seen_by) {
      outputs = seen_by;
      if (!has_bit(wanted[row], column)) return;
      live.add({in_.at(row, column), static_cast<std::int32_t>(seen_by.first - d_out)},
               inputs.at(0, row, column));
      if (live.full()) multiply();
    });
    multiply();
  }
}

void SampledGradient::order_kernel(float* d_kernel, const float* sums) const {
  for_each_row([&](std::ptrdiff_t own, std::ptrdiff_t row) {
    copy_floats(d_kernel + row, sums + own, conv_.out.c);
  });
}

void unpack(float* to, const Grid& grid, const SparseMap& map, int of_map,
            const LiveOutputs& outputs, int image, const RowBits* where) {
  const Shape shape = grid.shape;
  for (int y = 0; y < shape.h; ++y) {
    const float* values = map.row(of_map, y, 0, shape.w).values;
    const LiveOutputs::Row lives(outputs, image, y);
    float* row = to + grid.at(y, 0);
    for (int x = 0; x < shape.w; ++x, row += shape.c) {
      const LaneBits* bits = lives.at(x);
      const LaneBits taken = has_bit(where[y], x) ? kAllLanes : 0;
      for_each_vector(shape.c, [&](int f, auto vector) {
        const LaneBits live = *bits++;
        store(row + f, unpack_lanes(values, static_cast<LaneBits>(live & taken), vector));
        values += std::popcount(live);
      });
    }
  }
}

}  // namespace inoculate
