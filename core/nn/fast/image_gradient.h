// The gradient of images from that of the first convolution's outputs.
//
// Images have few channels, so positions side by side fill the registers: the contributions of one
// tap of all windows are a plane, and a pixel's gradient is the sum of the few planes whose tap
// reads it.
#pragma once

#include "base/buffer.h"
#include "nn/fast/frozen_conv.h"
#include "nn/fast/grid.h"
#include "nn/fast/seen.h"

namespace inoculate {

class ImageGradient {
 public:
  explicit ImageGradient(const FrozenConv& conv);

  /// [F, taps()]: what an output that its activation lets through contributes to its pixels.
  const FloatBuffer& kernel() const { return kernel_; }
  /// K * K * C
  int taps() const { return taps_; }

  /// d_image [H*W*C] += the gradient from d_out, in the grid `out`; it is zeros in the rows that
  /// wanted [OH] names no position in.
  void add(float* d_image, const float* d_out, const Grid& out, const RowBits* wanted,
           const LiveOutputs& outputs, int image) const;

 private:
  int transpose_rows(float* transposed, int ld, int* row_of, const float* d_out, const Grid& out,
                     const RowBits* wanted, const LiveOutputs& outputs, int image) const;
  void add_row(float* to, int y, const float* planes, int ld, const int* row_of) const;

  const FrozenConv& conv_;
  int taps_;
  int width_;   // of a row of outputs, in whole vectors and with zeros after it
  int spread_;  // windows that contain a pixel along an axis, at most
  FloatBuffer kernel_;
};

}  // namespace inoculate
