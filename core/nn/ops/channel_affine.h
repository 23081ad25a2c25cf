// A scale and a shift of every channel: an operator of its own, and what batch normalisation comes
// to.
#pragma once

#include <algorithm>
#include <cstddef>

#include "base/parallel.h"
#include "base/simd.h"
#include "nn/ops/kernel.h"

namespace inoculate {

/// Calls body(number, its channel, Vec or float) for all numbers of the output.
template <class F>
void for_each_channel(const Pass& p, F&& body) {
  const auto channels = static_cast<std::size_t>(p.node.shape.back());
  const std::size_t pixels = p.n * p.out_size() / channels;
  const std::size_t rows = std::max<std::size_t>(1, (1 << 14) / channels);  // that a task takes
  parallel_for(static_cast<int>((pixels + rows - 1) / rows), [&](int part) {
    const std::size_t begin = static_cast<std::size_t>(part) * rows;
    for (std::size_t row = begin; row < std::min(pixels, begin + rows); ++row) {
      for_each_vector(static_cast<int>(channels), [&](int c, auto vector) {
        body(row * channels + static_cast<std::size_t>(c), c, vector);
      });
    }
  });
}

/// Forward and backward of out = in * scale + shift, [channels] each.
void affine_forward(const Pass& p, const float* scale, const float* shift);
void affine_backward(const Pass& p, const float* scale);

/// Makes a kBatchNorm a kAffine: what it is by its moving statistics.
void fold_batch_norm(Graph& graph, Node& node);

}  // namespace inoculate
