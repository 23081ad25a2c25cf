#include "nn/fast/activation.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/simd.h"

namespace inoculate {

Activation::Activation(int channels) : channels_(channels) {
  const auto size = static_cast<std::size_t>(channels);
  for (FloatBuffer* scale : {&scale_before_, &scale_, &slope_}) scale->assign(size, 1.0F);
  for (FloatBuffer* shift : {&shift_before_, &shift_}) shift->assign(size, 0.0F);
}

void Activation::rectify() {
  if (rectifies_) return;  // nothing has come in between: the same again
  rectifies_ = true;
  std::swap(scale_, scale_before_);
  std::swap(shift_, shift_before_);
}

void Activation::scale_and_shift(std::span<const float> scale, std::span<const float> shift) {
  scales_before_ = scales_before_ || !rectifies_;
  for (std::size_t i = 0; i < scale_.size(); ++i) {
    scale_[i] *= scale[i];
    shift_[i] = shift_[i] * scale[i] + shift[i];
    slope_[i] *= scale[i];
  }
}

// What the loops read is copied first: a compiler cannot tell that what they write is not among it.

void Activation::forward(float* x, LaneBits* live, int rows) const {
  const float *scale = scale_.data(), *shift = shift_.data();
  const float *scale_before = scale_before_.data(), *shift_before = shift_before_.data();
  const bool scales_before = scales_before_, rectifies = rectifies_;
  const int channels = channels_;
  for (int i = 0; i < rows; ++i, x += channels) {
    for_each_vector(channels, [=, &live](int f, auto vector) {
      auto value = load(x + f, vector);
      if (scales_before) {
        value = value * load(scale_before + f, vector) + load(shift_before + f, vector);
      }
      *live++ = rectifies ? rectify_lanes(value) : kAllLanes;
      store(x + f, value * load(scale + f, vector) + load(shift + f, vector));
    });
  }
}

void Activation::backward(float* d, const LaneBits* live, int rows) const {
  const float* slope = slope_.data();
  const int channels = channels_;
  for (int i = 0; i < rows; ++i, d += channels) {
    for_each_vector(channels, [=, &live](int f, auto vector) {
      store(d + f, chosen_lanes(load(d + f, vector) * load(slope + f, vector), *live++));
    });
  }
}

void Activation::append(SparseMap& map, LaneBits* live, const float* x, int column,
                        int positions) const {
  const float *scale = scale_.data(), *scale_before = scale_before_.data();
  const float* shift_before = shift_before_.data();
  const bool scales_before = scales_before_, rectifies = rectifies_;
  const int channels = channels_;
  SparseMap::Tail to = map.tail();
  for (int i = 0; i < positions; ++i, x += channels, column += channels) {
    to.begin_position();
    for_each_vector(channels, [=, &live, &to](int f, auto vector) {
      auto value = load(x + f, vector);
      if (scales_before) {
        value = value * load(scale_before + f, vector) + load(shift_before + f, vector);
      }
      const LaneBits bits = rectifies ? rectify_lanes(value) : kAllLanes;
      *live++ = bits;
      to.end += pack_lanes(to.values + to.end, to.columns + to.end, value * load(scale + f, vector),
                           column + f, bits);
    });
  }
  map.set_tail(to);
}

void append_live(SparseMap& map, const LaneBits* live, const float* x, int column, int channels) {
  SparseMap::Tail to = map.tail();
  to.begin_position();
  for_each_vector(channels, [=, &live, &to](int f, auto vector) {
    to.end += pack_lanes(to.values + to.end, to.columns + to.end, load(x + f, vector), column + f,
                         *live++);
  });
  map.set_tail(to);
}

}  // namespace inoculate
