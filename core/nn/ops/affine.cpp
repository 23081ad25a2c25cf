// BatchNormalization as it is when a network is asked: a scale and a shift of every channel.
#include <cmath>

#include "base/parallel.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

// Calls body(first float of a pixel's channels) for all pixels.
template <class F>
void for_each_pixel(const Pass& p, F&& body) {
  const auto channels = static_cast<std::size_t>(p.node.shape.back());
  parallel_for(static_cast<int>(p.n), [&](int number) {
    const std::size_t begin = static_cast<std::size_t>(number) * p.out_size();
    for (std::size_t at = begin; at < begin + p.out_size(); at += channels) body(at, channels);
  });
}

void forward(const Pass& p) {
  const float *scale = p.weight(0), *shift = p.weight(1);
  for_each_pixel(p, [&](std::size_t at, std::size_t channels) {
    for (std::size_t c = 0; c < channels; ++c) {
      p.out[at + c] = p.in[0][at + c] * scale[c] + shift[c];
    }
  });
}

void backward(const Pass& p) {
  const float* scale = p.weight(0);
  for_each_pixel(p, [&](std::size_t at, std::size_t channels) {
    for (std::size_t c = 0; c < channels; ++c) p.d_in[0][at + c] += p.d_out[at + c] * scale[c];
  });
}

}  // namespace

// Weights: scale and shift, one a channel.
const Kernel kAffine{.forward = forward, .backward = backward};

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
