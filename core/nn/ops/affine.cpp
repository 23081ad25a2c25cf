// BatchNormalization as it is when a network is asked: a scale and a shift of every channel.
#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "base/simd.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

// Calls body(number, its channel, Vec or float) for all numbers.
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

void forward(const Pass& p) {
  const float *in = p.in[0], *scale = p.weight(0), *shift = p.weight(1);
  p.finish().visit([&](auto&& finish) {
    for_each_channel(p, [&](std::size_t i, int c, auto v) {
      store(p.out + i,
            finish(load(in + i, v) * load(scale + c, v) + load(shift + c, v), p.out + i));
    });
  });
}

void backward(const Pass& p) {
  const float* scale = p.weight(0);
  float* d_in = p.d_in[0];
  p.stores[0].visit([&](auto&& finish) {
    for_each_channel(p, [&](std::size_t i, int c, auto v) {
      store(d_in + i, finish(load(p.d_out + i, v) * load(scale + c, v), d_in + i));
    });
  });
}

}  // namespace

// Weights: scale and shift, one a channel.
const Kernel kAffine{.forward = forward, .backward = backward, .clips = true, .stores = true};

Value read_batch_norm(Import& import) {
  // A channel is the file's axis 1; of [N, features] that is the last one anyway.
  const Value& in = import.in(0);
  const Value x = in.rank() == 2 ? import.file_order(in) : import.channels_last(in);
  import.require(x.batch() == 0, "normalises along the batch");
  const std::int64_t channels = x.dim(1);
  const auto& gamma = import.constant_floats(1, channels);
  const auto& beta = import.constant_floats(2, channels);
  const auto& mean = import.constant_floats(3, channels);
  const auto& variance = import.constant_floats(4, channels);
  const double epsilon = import.number("epsilon", 1e-5F);
  import.require(import.integer("spatial", 1) == 1 && import.integer("training_mode", 0) == 0,
                 "normalises every position by itself, or by the moments of a batch");
  std::vector<float> scale(gamma.size()), shift(gamma.size());
  for (std::size_t c = 0; c < scale.size(); ++c) {
    const double exact = gamma[c] / std::sqrt(variance[c] + epsilon);
    scale[c] = static_cast<float>(exact);
    shift[c] = static_cast<float>(beta[c] - mean[c] * exact);
  }
  return import.add(kAffine, {x}, x.dims, x.order, {},
                    {import.weight("scale", scale), import.weight("shift", shift)});
}

}  // namespace inoculate
