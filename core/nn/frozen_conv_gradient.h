// Gradients of the convolutions of a frozen network with respect to their inputs.
#pragma once

#include <cstdint>
#include <vector>

#include "base/buffer.h"
#include "nn/frozen_conv.h"
#include "nn/grid.h"
#include "nn/packed_matrix.h"

namespace inoculate {

/// Of the windows along one axis that see an input: the last one, and how many there are. `at` is
/// the input's place counted from where the first window begins.
struct WindowsAt {
  int last;
  int count;

  WindowsAt(int at, const Conv2d& conv);
};

/// The gradient of images from that of the first convolution's outputs, by way of what every window
/// says of the pixels it shows: its field.
class FieldGradient {
 public:
  /// kernel: [K, K, C, F], as the convolution's.
  FieldGradient(const FrozenConv& conv, const float* kernel);

  /// Floats of a field: K * K * C in whole vectors.
  int columns() const { return columns_; }
  /// [F, columns]
  const FloatBuffer& kernel() const { return turned_; }

  /// fields, `rows` rows of `columns` floats wherever they lie, from d_out [rows, F], the gradient
  /// of as many outputs before their activation.
  void find_fields(float* const* fields, const float* d_out, int rows) const;

  /// Adds the fields [OH*OW, columns] that wanted [OH] names to d_image, in the convolution's input
  /// grid.
  void add_fields(float* d_image, const float* fields, const RowBits* wanted) const;

 private:
  Conv2d conv_;
  Grid in_;
  int columns_;
  FloatBuffer turned_;
  PackedMatrix kernel_;
};

/// The gradient of the outputs of a convolution from that of the next one's: each from all outputs
/// that see it, in one sum, so that nothing is added into memory.
class PhaseGradient {
 public:
  /// kernel: [K, K, C, F], that of `conv`. d_in: how the gradient is wanted. fields: if `before` is
  /// the first convolution, its; else null.
  PhaseGradient(const FrozenConv& before, const FrozenConv& conv, const float* kernel,
                const Grid& d_in, const FieldGradient* fields);

  /// How the gradient of the outputs of `conv` is expected.
  const Grid& d_out() const { return d_out_; }

  /// d_in [images], before the activation of `before`, from d_out [images], at the positions that
  /// wanted [images, H] names; or if there are fields, those [images, H*W, columns] of it. seen
  /// [images, H] and live are what the forward pass of `before` found.
  void run(float* d_in, const float* d_out, const RowBits* wanted, const RowBits* seen,
           const LaneBits* live, int images) const;

 private:
  // Inputs at the same place within the stride are seen by windows in the same way.
  struct Phase {
    int first_y = 0;      // the rows of inputs from here on, a stride apart
    RowBits columns = 0;  // of inputs
    int down = 0;         // windows that see each
    int across = 0;
    PackedMatrix kernel;  // [down, across * F; C]: a run is a row of windows
  };

  void add_phase(const float* kernel, int py, int px);

  const FrozenConv* before_;
  Conv2d conv_;
  const FieldGradient* fields_;
  Grid d_in_;
  Grid d_out_;
  std::vector<Phase> phases_;
};

}  // namespace inoculate
