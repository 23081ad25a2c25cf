// The gradients of a later convolution from the side of its inputs: those of inputs that are live,
// and what these are multiplied by in the gradient of the kernel.
//
// It gathers: the gradient of every input that is live is one dot product over the outputs whose
// windows contain it, where ConvGradient scatters from every live output. Which of the two has less
// to multiply depends on the network: adversarial training leaves a tenth of the first
// convolution's outputs, and most of the second's. Against such a network PGD takes 32.9 us an
// image with both ways and 37.1 without this one (2026-11, one thread of an EPYC).
#pragma once

#include <vector>

#include "base/buffer.h"
#include "nn/conv2d.h"
#include "nn/fast/grid.h"
#include "nn/fast/live_outputs.h"
#include "nn/fast/seen.h"
#include "nn/fast/sparse_map.h"

namespace inoculate {

class SampledGradient {
 public:
  /// kernel: [K, K, C, F], whose outputs are multiplied by slope [F]; null: by one.
  SampledGradient(const Conv2d& conv, const float* kernel, const float* slope);

  /// Multiply-adds that an input takes, or as much time.
  int cost() const;

  /// The outputs with as much border as windows over all inputs would need.
  const Grid& outputs() const { return out_; }

  /// Sets d_in, in grid_for_windows, for some images: where `inputs` are live at the positions that
  /// wanted [images, H] names; to zero at the other positions. d_out: in outputs().
  void backward(float* d_in, const LiveOutputs& inputs, const RowBits* wanted, const float* d_out,
                ImageBits images) const;

  /// In training, for one image: sets d_in where `inputs`, of this image alone, are live at the
  /// positions that wanted [H] names, and adds to sums [K*K*C*F] what the gradient of the kernel
  /// gets of those. x and d_in: in grid_for_windows.
  void backward_with_kernel(float* d_in, float* sums, const float* x, const LiveOutputs& inputs,
                            const RowBits* wanted, const float* d_out) const;
  /// d_kernel [K, K, C, F] from such sums, which are in another order.
  void order_kernel(float* d_kernel, const float* sums) const;

 private:
  // The inputs with the same (y mod stride, x mod stride): the same taps of the kernel reach them.
  struct Phase {
    int y, x;             // the first of them
    int out_y, out_x;     // the first window that contains it
    int down, across;     // windows that contain one
    std::ptrdiff_t rows;  // where those of the kernel begin: [C, down, across, F]
  };

  template <class F>
  void for_each_row(F&& body) const;
  template <class F>
  void for_each_input(const Phase& phase, const float* d_out, F&& body) const;

  Conv2d conv_;
  Grid in_;
  Grid out_;
  std::vector<Phase> phases_;
  FloatBuffer kernel_;
};

/// Writes the entries of one image to a grid, with zeros where `outputs` is not live and at the
/// positions that `where` [H] does not name.
void unpack(float* to, const Grid& grid, const SparseMap& map, int of_map,
            const LiveOutputs& outputs, int image, const RowBits* where);

}  // namespace inoculate
