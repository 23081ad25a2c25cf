// What follows a product of a frozen network, element by element: a rectifier, and the batch
// normalisations before and after it, each a scale and a shift of a channel.
#pragma once

#include <span>

#include "base/buffer.h"
#include "base/simd.h"

namespace inoculate {

/// y = scale * relu(scale_before * x + shift_before) + shift over C channels; each part may be
/// missing.
class Activation {
 public:
  explicit Activation(int channels);

  /// Appends a rectifier; there can be one.
  void rectify();
  /// Appends x * scale + shift, [C] each.
  void scale_and_shift(std::span<const float> scale, std::span<const float> shift);

  int live_size() const { return vector_count(channels_); }

  /// x = y in place, for `rows` rows of C floats wherever they lie. Sets live, live_size() a row,
  /// which says where the rectifier lets x through: everywhere if there is none.
  void forward(float* const* x, LaneBits* const* live, int rows) const;

  /// d = the gradient of x from that of y, in place.
  void backward(float* const* d, const LaneBits* const* live, int rows) const;

 private:
  int channels_;
  bool rectifies_ = false;
  bool scales_before_ = false;
  FloatBuffer scale_before_, shift_before_, scale_, shift_, slope_;  // [C]
};

}  // namespace inoculate
