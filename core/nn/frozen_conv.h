// A convolution of a frozen network, with the activation that follows it.
//
// Its input lies in a grid with a border of zeros, so every window is K stretches of K * C floats
// and needs no list of positions. Where an image is blank (nn/shared_rows.h says how often that is)
// nothing is computed: what a blank position comes to is known beforehand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "nn/activation.h"
#include "nn/conv2d.h"
#include "nn/grid.h"
#include "nn/layers.h"
#include "nn/packed_matrix.h"
#include "nn/seen.h"

namespace inoculate {

/// The outputs of blank positions: rows that positions share.
struct Ground {
  std::vector<int> row_of;     // [OH*OW]; empty: nothing is known, all positions are computed
  FloatBuffer rows;            // [shared rows, F]
  std::vector<LaneBits> live;  // [shared rows, live_size()]

  bool known() const { return !row_of.empty(); }
  int shared() const { return known() ? 1 + *std::max_element(row_of.begin(), row_of.end()) : 0; }
};

class FrozenConv {
 public:
  /// kernel: [K, K, C, F]. ground_before: of its input; null for images, which are blank with
  /// zeros.
  FrozenConv(const ConvLayer& layer, const float* kernel, const float* bias, Activation activation,
             const Ground* ground_before);

  /// to [images], in the grid `out`: what comes of from [images], in the grid `in`, at the
  /// positions that seen [images, OH] names; and at the others the ground, if that is to be filled
  /// in. Sets live [images, OH*OW, live_size()], as Activation does, at the former.
  void forward(float* to, LaneBits* live, const float* from, const RowBits* seen, const Grid& out,
               bool fill_ground, int images) const;

  /// What windows see [OH], given what their input shows [H]. Without a ground, all.
  void find_seen(RowBits* seen, const RowBits* seen_in) const;

  int outputs() const { return conv.out.h * conv.out.w; }
  /// Of what is live of an image.
  int live_size() const { return outputs() * activation.live_size(); }
  /// What is live at a position of an image: what the forward pass left in its live [OH*OW,
  /// live_size()], or the ground's. seen: [OH].
  const LaneBits* live_at(const LaneBits* live, int y, int x, const RowBits* seen) const {
    const int position = y * conv.out.w + x;
    return has_bit(seen[y], x)
               ? live + position * activation.live_size()
               : ground.live.data() +
                     ground.row_of[static_cast<std::size_t>(position)] * activation.live_size();
  }

  Conv2d conv;
  Grid in;
  Activation activation;
  Ground ground;

 private:
  void find_ground(const FieldPlan& plan, const float* kernel, const float* bias,
                   const Ground* ground_before);

  PackedMatrix kernel_;
};

}  // namespace inoculate
