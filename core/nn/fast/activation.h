// What follows a product of a frozen network, element by element: a rectifier, and the batch
// normalisations before and after it, each a scale and a shift of a channel.
#pragma once

#include <cstdint>
#include <span>

#include "base/buffer.h"
#include "base/simd.h"
#include "nn/fast/sparse_map.h"

namespace inoculate {

/// y = scale * relu(scale_before * x + shift_before) + shift over C channels; each part may be
/// missing.
class Activation {
 public:
  explicit Activation(int channels);

  /// Appends a rectifier. There is one; another right after it changes nothing.
  void rectify();
  /// Appends x * scale + shift, [C] each.
  void scale_and_shift(std::span<const float> scale, std::span<const float> shift);

  int live_size() const { return vector_count(channels_); }
  /// [C]
  const FloatBuffer& shift() const { return shift_; }
  /// dy / dx where the rectifier lets x through [C].
  const FloatBuffer& slope() const { return slope_; }

  /// x = y in place, for `rows` rows of C floats. Sets live [rows, live_size()], which says where
  /// the rectifier lets x through: everywhere if there is none.
  void forward(float* x, LaneBits* live, int rows) const;
  /// d [rows, C] = the gradient of x from that of y, in place.
  void backward(float* d, const LaneBits* live, int rows) const;

  /// Appends `positions` neighbours x [positions, C] to `map`, as y - shift: what is not let
  /// through is 0, and has no entry. Sets live [positions, live_size()]. Entries' columns are
  /// `column` + channel at the first of them.
  void append(SparseMap& map, LaneBits* live, const float* x, int column, int positions) const;

 private:
  int channels_;
  bool rectifies_ = false;
  bool scales_before_ = false;
  FloatBuffer scale_before_, shift_before_, scale_, shift_, slope_;  // [C]
};

/// Appends a position to `map`: those of x [channels] that are live.
void append_live(SparseMap& map, const LaneBits* live, const float* x, int column, int channels);

}  // namespace inoculate
