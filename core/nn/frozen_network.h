// A network for inference, whose weights do not change: what an attacker or a judge sees.
//
// Everything that can be known before there is an image is found beforehand: kernels laid out for
// their products, batch normalisation as a scale and a shift, what each layer makes of a blank
// image. Then images go through a few at a time, from layer to layer within the cache, and zeros
// that a rectifier leaves are not multiplied.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "nn/dense.h"
#include "nn/fast/activation.h"
#include "nn/fast/blank_windows.h"
#include "nn/fast/conv_gradient.h"
#include "nn/fast/frozen_conv.h"
#include "nn/fast/grid.h"
#include "nn/fast/image_gradient.h"
#include "nn/fast/sampled_gradient.h"
#include "nn/fast/sparse_dense.h"
#include "nn/fast/sparse_map.h"
#include "nn/network.h"

namespace inoculate {

class FrozenNetwork {
 public:
  /// What a frozen network will be asked for.
  enum class For { kLogits, kGradients };

  /// Refers to `network`, which must neither change nor go.
  explicit FrozenNetwork(const Network& network, For purpose = For::kLogits);
  FrozenNetwork(const FrozenNetwork&) = delete;
  FrozenNetwork& operator=(const FrozenNetwork&) = delete;

  const Network& network() const { return network_; }
  int input_size() const { return network_.input_size(); }
  int classes() const { return network_.classes(); }

  /// What a pass leaves for the one backward, and the memory of both. Reusable for any network.
  struct Scratch {
    struct Conv {
      SparseMap out;               // of the images at hand, or of all if it is the last
      std::vector<LaneBits> live;  // [N] rows of live_size()
      std::vector<RowBits> seen;   // [N, OH]
      std::vector<float> density;  // [N]: how many of a position's outputs are live, on average
    };
    struct Dense {
      FloatBuffer out;             // [N, F]
      std::vector<LaneBits> live;  // [N] rows of live_size()
    };
    int n = 0;
    std::vector<Conv> convs;
    std::vector<Dense> dense;
    FloatBuffer d[2];  // of the inputs and outputs of dense layers
    // Of the few images at hand:
    GridBuffer images;
    std::vector<RowBits> pixels;   // [images, H]
    std::vector<RowBits> windows;  // [images, OH]: whose contribution is still to be added
    std::vector<RowBits> wanted;   // [images, H]: positions that they read
    GridBuffer d_out;              // of the outputs of a convolution whose inputs ask
    FloatBuffer d_grid;            // of the outputs of a convolution
    SparseMap d_map;               // the same where they are live
    FloatBuffer d_image;           // the contribution of blank windows to one
  };

  /// Logits [N, classes] of images [N, input]. They lie in `scratch` until its next use.
  const float* infer(const float* images, int n, Scratch& scratch) const;

  /// d_images [N, input] from d_logits [N, classes], after a pass that filled `scratch`, of a
  /// network frozen for gradients.
  void backward(float* d_images, const float* d_logits, Scratch& scratch) const;

 private:
  void add_layers();
  void lay_out_gradients();

  void convolve(const float* images, Scratch& scratch) const;
  void take_images(const float* images, int count, Scratch& scratch) const;

  LiveOutputs live_outputs(std::size_t i, int first, const Scratch& scratch) const;
  void backward_convs(float* d_images, Scratch& scratch) const;
  Grid backward_to_first(float* d_images, int first, int count, Scratch& scratch) const;
  void backward_conv(std::size_t i, const SparseMap& d, int first_d, int first, int count,
                     Scratch& scratch) const;
  void set_to_blank_windows(float* d_images, const SparseMap& d, int first_d, int first, int count,
                            Scratch& scratch) const;
  void list_live(std::size_t i, const Grid& grid, int first, int count, Scratch& scratch) const;

  // A dense layer on whole rows, with the activation that follows it.
  struct FrozenDense {
    Dense dense;
    const float *kernel, *bias;  // read where they lie
    Activation activation;
  };

  const Network& network_;
  std::deque<FrozenConv> convs_;         // whose places do not change
  std::optional<SparseDense> features_;  // the first dense layer, if there are convolutions
  std::vector<FrozenDense> dense_;       // the others
  // For gradients:
  std::optional<ImageGradient> to_images_;
  // From the second convolution on, two ways:
  std::vector<ConvGradient> to_convs_;
  std::vector<SampledGradient> sampled_;
  std::optional<BlankWindows> blank_windows_;
};

}  // namespace inoculate
