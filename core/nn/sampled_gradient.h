// The gradient of a later convolution of a frozen network with respect to its input, computed where
// it is asked for: at the inputs that are live.
//
// ConvGradient sums up what every live output says of all inputs that it sees; here every live
// input asks all outputs that see it. Which of the two has less to multiply depends on the network:
// adversarial training leaves a tenth of the first convolution's outputs, and most of the second's.
#pragma once

#include <vector>

#include "base/buffer.h"
#include "nn/frozen_conv.h"
#include "nn/grid.h"
#include "nn/seen.h"
#include "nn/sparse_map.h"

namespace inoculate {

class SampledGradient {
 public:
  explicit SampledGradient(const FrozenConv& conv);

  /// Multiply-adds that an input takes, or as much time.
  int cost() const;

  /// Sets d_in, in the input grid of the convolution, for some images: where `inputs` are live at
  /// the positions that wanted [images, H] names, to what windows [images, OH] say; to zero at all
  /// other positions. d_out is where `outputs` are live, and its first image is `first`.
  void backward(float* d_in, const LiveOutputs& inputs, const RowBits* wanted,
                const SparseMap& d_out, int first, const LiveOutputs& outputs,
                const RowBits* windows, ImageBits images) const;

 private:
  // How many windows along an axis see the inputs at a place within the stride.
  int windows_at(int phase) const {
    return (conv_.kernel - phase + conv_.stride - 1) / conv_.stride;
  }

  void spread(float* to, const SparseMap& d_out, int of_image, const LiveOutputs& outputs,
              int image, const RowBits* windows) const;
  void sample(float* d_in, const LiveOutputs& inputs, int image, const RowBits* wanted,
              const float* d_out, int phase_y, int phase_x) const;

  Conv2d conv_;
  Grid in_;
  Grid out_;                          // as far as inputs are seen
  std::vector<FloatBuffer> kernels_;  // [stride, stride] of [C, windows, windows, F]
};

}  // namespace inoculate
