// A convolution of a frozen network, with the activation that follows it.
//
// Where an image is blank nothing is computed: on MNIST 68 % of the first convolution's windows,
// and 44 % of the second's, contain nothing else, and their outputs are known beforehand. Outputs
// are kept without their zeros; what batch normalisation would shift these to is a constant of the
// next layer.
#pragma once

#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "nn/conv2d.h"
#include "nn/fast/activation.h"
#include "nn/fast/grid.h"
#include "nn/fast/live_outputs.h"
#include "nn/fast/seen.h"
#include "nn/fast/sparse_map.h"

namespace inoculate {

/// The response to the background: the outputs of an image of zeros, and so of every window that
/// contains nothing else.
struct Ground {
  SparseMap outputs;
  std::vector<LaneBits> live;  // [OH*OW] rows of live_size()
};

class FrozenConv {
 public:
  /// kernel: [K, K, C, F], read where it lies. before: the convolution whose outputs are the input;
  /// null for images, which are blank with zeros.
  FrozenConv(const Conv2d& convolution, const float* kernel, const float* bias, Activation after,
             const FrozenConv* before);

  /// What is written at blank positions: nothing, where the next convolution adds their
  /// contribution itself, or the outputs of a blank image.
  enum class Blank { kNothing, kGround };

  /// Appends to `out` the outputs for images [images], in the grid `in`, at the positions that seen
  /// [images, OH] names. Sets live [images, live_size()], as Activation does, there.
  void forward(SparseMap& out, LaneBits* live, const float* from, const RowBits* seen, Blank blank,
               int images) const;
  /// The same for the outputs of the convolution before, at the positions that seen_in [images, H]
  /// names, and at the others unless it is the first.
  void forward(SparseMap& out, LaneBits* live, const SparseMap& from, const RowBits* seen_in,
               const RowBits* seen, Blank blank, int images) const;

  const float* kernel() const { return kernel_; }
  bool is_first() const { return constants_.empty(); }
  int outputs() const { return conv.out.h * conv.out.w; }
  /// Of what is live of an image.
  int live_size() const { return outputs() * activation.live_size(); }
  /// What a forward pass left of the images from `first` on.
  LiveOutputs live_outputs(const LaneBits* live, const RowBits* seen, int first) const {
    return {conv.out, activation.live_size(), live + first * live_size(), seen + first * conv.out.h,
            ground.live.data()};
  }

  Conv2d conv;
  Grid in;
  Activation activation;
  Ground ground;

 private:
  void find_ground(const FrozenConv* before);
  void append(SparseMap& out, LaneBits* live, const float* rows, const RowBits* seen, Blank blank,
              int images) const;

  const float* kernel_;
  const float* bias_;
  // For all but the first: the bias plus the contribution of the shift before [OH*OW, F].
  FloatBuffer constants_;
  // For the second one: the contribution of blank inputs besides (nn/fast/blank_inputs.h).
  FloatBuffer blank_sums_;
};

}  // namespace inoculate
