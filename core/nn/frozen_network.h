// A network whose weights do not change while it is asked: what an attacker or a judge sees.
//
// Everything that can be known before there is an image is found beforehand: kernels laid out for
// their products, batch normalisation as a scale and a shift, what each layer makes of blank
// ground. Then images go through a few at a time, from layer to layer within the cache.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "nn/blank_blocks.h"
#include "nn/frozen_conv.h"
#include "nn/frozen_conv_gradient.h"
#include "nn/frozen_dense.h"
#include "nn/grid.h"
#include "nn/network.h"

namespace inoculate {

class FrozenNetwork {
 public:
  /// Refers to `network`, which must neither change nor go. `gradients`: of about how many images
  /// they will be asked for. 0: of none, they cannot be. The more, the more is laid out for them;
  /// no answer depends on it. Convolutions come before dense layers, and a rectifier after a layer
  /// with weights.
  explicit FrozenNetwork(const Network& network, std::int64_t gradients = 0);
  FrozenNetwork(const FrozenNetwork&) = delete;
  FrozenNetwork& operator=(const FrozenNetwork&) = delete;

  int input_size() const { return network_.input_size(); }
  int classes() const { return network_.classes(); }

  /// What a pass leaves for the one backward, and the memory of both. Reusable for any network.
  struct Scratch {
    struct Conv {
      GridBuffer in, d_out;
      std::vector<LaneBits> live;  // [N, OH*OW] rows of live_size()
      std::vector<RowBits> seen;   // [N, OH]
    };
    struct Dense {
      FloatBuffer out;             // [N, F]
      std::vector<LaneBits> live;  // [N, live_size()]
    };
    int n = 0;
    std::vector<Conv> convs;
    std::vector<Dense> dense;
    // The last convolution's outputs, laid out as their gradient will be, which takes their place.
    // In place of a first image: the rows that positions share.
    GridBuffer features;
    SharedRows feature_rows;
    FloatBuffer d[2];  // of the inputs and outputs of dense layers
    // Of the few images at hand:
    std::vector<RowBits> pixels;  // [images, H]
    std::vector<RowBits> wanted;  // positions of a convolution's outputs [images, OH]
    BlankBlocks::Found blocks;
    FloatBuffer fields;
    FloatBuffer d_image;
  };

  /// Logits [N, classes] of images [N, input]. They lie in `scratch` until its next use.
  const float* infer(const float* images, int n, Scratch& scratch) const;

  /// d_images [N, input] from d_logits [N, classes], after a pass that filled `scratch`.
  void backward(float* d_images, const float* d_logits, Scratch& scratch) const;

 private:
  void add_layers();
  void lay_out_gradients(std::int64_t gradients);
  Grid feature_grid() const;

  void convolve(const float* images, Scratch& scratch) const;
  void take_images(const float* images, int count, Scratch& scratch) const;
  void list_feature_rows(Scratch& scratch) const;

  void backward_features(const float* d_out, Scratch& scratch) const;
  void backward_convs(float* d_images, Scratch& scratch) const;
  void backward_to_fields(int first, int count, Scratch& scratch) const;

  const Network& network_;
  std::vector<FrozenConv> convs_;
  std::vector<const float*> conv_kernels_;
  std::vector<FrozenDense> dense_;
  // For gradients:
  std::optional<FieldGradient> to_images_;
  std::vector<PhaseGradient> to_convs_;  // from the second convolution on
  std::optional<BlankBlocks> blank_blocks_;
};

}  // namespace inoculate
