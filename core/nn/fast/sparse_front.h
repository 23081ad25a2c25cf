// The convolutions that a network begins with, in training.
//
// Two things are saved. What a rectifier does not let through is not multiplied: between
// convolutions there are sparse maps, and batch normalisation is a scale and a shift of the next
// kernel. And where images are blank, as two thirds of a digit are, all outputs of the first
// convolution are one and the same: neither they nor their gradients are computed there, and the
// second convolution takes their contribution from a table (nn/fast/blank_inputs.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/buffer.h"
#include "nn/batch_norm.h"
#include "nn/fast/activation.h"
#include "nn/fast/grid.h"
#include "nn/fast/live_outputs.h"
#include "nn/fast/seen.h"
#include "nn/fast/sparse_map.h"
#include "nn/layers.h"

namespace inoculate {

class SparseFront {
 public:
  /// The front of a network that begins with two or more convolutions, each followed by a rectifier
  /// and perhaps a batch normalisation; there is none of another network, nor where the second
  /// kernel is larger than 5 x 5.
  static std::optional<SparseFront> of(const std::vector<Layer>& layers);

  /// How many layers these are: the last one is the last convolution's rectifier.
  std::size_t layers() const { return layers_; }

  /// What a forward pass leaves for the backward pass, and the memory of both.
  struct Cache {
    /// A convolution that others follow.
    struct Stage {
      std::vector<SparseMap> out;  // of a part of the images: rectified, not yet normalised
      std::vector<LaneBits> live;  // [N]
      std::vector<RowBits> drawn;  // [N, OH]: the positions that are in these; the others are blank
      FloatBuffer d;               // [N]: of what comes out, in the grid for the next windows
      FoldedNorm norm;
    };
    int n = 0;
    GridBuffer images;
    // Of the first convolution's blank positions:
    std::int64_t blank = 0;  // how many there are
    FloatBuffer blank_out;   // [C]: what each has, rectified
    FloatBuffer d_blank;     // [C]: the sum of the gradients of what comes out of them
    std::vector<Stage> stages;
  };

  /// out [n, OH*OW*F] = what the last rectifier makes of the images. Updates the moving statistics
  /// of the normalisations before.
  void forward(float* out, const float* parameters, float* statistics, const float* images, int n,
               Cache& cache) const;

  /// Sets the gradients of these layers in d_parameters from d_out, that of `out`, after the
  /// forward pass that filled `cache`.
  void backward(float* d_parameters, const float* d_out, const float* out, const float* parameters,
                Cache& cache) const;

 private:
  struct Stage {
    ConvLayer layer;
    std::optional<BatchNormLayer> norm;
    Activation rectifier;
    Grid in;

    const Conv2d& conv() const { return layer.conv; }
    const BatchNormLayer* norm_or_null() const { return norm ? &*norm : nullptr; }
    int positions() const { return conv().out.h * conv().out.w; }
    int live_size() const { return rectifier.live_size() * positions(); }
    LiveOutputs live_outputs(const Cache::Stage& cache, int first) const {
      return {conv().out, rectifier.live_size(), cache.live.data() + first * live_size(), nullptr,
              nullptr};
    }
  };

  void forward_first(const float* parameters, float* statistics, const float* images,
                     Cache& cache) const;
  void forward_next(std::size_t i, float* out, const float* parameters, float* statistics,
                    Cache& cache) const;
  void keep(std::size_t i, const float* rows, int part, int first, int count, double* moments,
            Cache& cache) const;
  void backward_first(float* d_parameters, const Cache& cache) const;
  void backward_next(std::size_t i, float* d_parameters, const float* d_out, const float* out,
                     const float* parameters, Cache& cache) const;
  template <class To>
  void backward_rectifier(To&& to, float* sums, int stride, std::size_t i, int part, int of_part,
                          int image, const Cache& cache) const;
  void add_blank(float* d_kernel, const float* parameters, const float* sums, Cache& cache) const;
  void backward_normalisation(std::size_t i, float* d_parameters, const float* parameters,
                              const float* of_positions, Cache& cache) const;

  std::vector<Stage> stages_;
  std::size_t layers_ = 0;
};

}  // namespace inoculate
