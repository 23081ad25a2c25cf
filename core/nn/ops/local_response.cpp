// LRN: every number over a power of the mean square of its neighbours in other channels.
#include <algorithm>
#include <cmath>
#include <vector>

#include "base/parallel.h"
#include "nn/ops/read.h"

namespace inoculate {
namespace {

struct Neighbours {
  int before, after;  // channels on both sides that a number is divided by
  float alpha, beta, bias;
};

Neighbours neighbours_of(const Pass& p) {
  const Attributes& a = p.node.attributes;
  const int size = a.axes[0];
  return {(size - 1) / 2, size / 2, a.alpha / static_cast<float>(size), a.beta, a.bias};
}

// scale[c] = bias + alpha / size times the sum of the squares of x around channel c.
void find_scale(std::vector<float>& scale, const float* x, const Neighbours& k) {
  const int channels = static_cast<int>(scale.size());
  for (int c = 0; c < channels; ++c) {
    float sum = 0;
    for (int i = std::max(0, c - k.before); i <= std::min(channels - 1, c + k.after); ++i) {
      sum += x[i] * x[i];
    }
    scale[static_cast<std::size_t>(c)] = k.bias + k.alpha * sum;
  }
}

// Calls body(where a position begins, scale) for all of them.
template <class F>
void for_each_position(const Pass& p, const Neighbours& k, F&& body) {
  const auto channels = static_cast<std::size_t>(p.node.shape.back());
  parallel_for(static_cast<int>(p.n), [&](int number) {
    std::vector<float> scale(channels);
    const std::size_t begin = static_cast<std::size_t>(number) * p.out_size();
    for (std::size_t at = begin; at < begin + p.out_size(); at += channels) {
      find_scale(scale, p.in[0] + at, k);
      body(at, scale);
    }
  });
}

void forward(const Pass& p) {
  const Neighbours k = neighbours_of(p);
  for_each_position(p, k, [&](std::size_t at, const std::vector<float>& scale) {
    for (std::size_t c = 0; c < scale.size(); ++c) {
      p.out[at + c] = p.in[0][at + c] * std::pow(scale[c], -k.beta);
    }
  });
}

// With s the scale: d_x[c] = d_y[c] s[c]^-beta - 2 alpha / size beta x[c] times the sum of
// d_y[i] y[i] / s[i] over all i that c is a neighbour of.
void backward(const Pass& p) {
  const Neighbours k = neighbours_of(p);
  for_each_position(p, k, [&](std::size_t at, const std::vector<float>& scale) {
    const int channels = static_cast<int>(scale.size());
    const float *x = p.in[0] + at, *y = p.out + at, *d_y = p.d_out + at;
    std::vector<float> ratio(scale.size());
    for (std::size_t c = 0; c < ratio.size(); ++c) ratio[c] = d_y[c] * y[c] / scale[c];
    for (int c = 0; c < channels; ++c) {
      float sum = 0;
      for (int i = std::max(0, c - k.after); i <= std::min(channels - 1, c + k.before); ++i) {
        sum += ratio[static_cast<std::size_t>(i)];
      }
      p.d_in[0][at + static_cast<std::size_t>(c)] +=
          d_y[c] * std::pow(scale[static_cast<std::size_t>(c)], -k.beta) -
          2 * k.alpha * k.beta * x[c] * sum;
    }
  });
}

}  // namespace

// Attributes: axes[0], how many channels are looked at; alpha, beta, bias as ONNX has them.
const Kernel kLocalResponse{
    .forward = forward, .backward = backward, .reads_in = true, .reads_out = true};

Value read_lrn(Import& import) {
  const Value x = import.channels_last(import.in(0));
  const std::int64_t size = import.integer("size", 0);
  import.require(size >= 1 && size <= 4096, "its size is impossible");
  Attributes attributes;
  attributes.axes = {static_cast<int>(size)};
  attributes.alpha = import.number("alpha", 1e-4F);
  attributes.beta = import.number("beta", 0.75F);
  attributes.bias = import.number("bias", 1);
  import.require(attributes.alpha >= 0 && attributes.bias > 0, "its alpha or bias is not positive");
  import.require_work(size, x.dims);
  return import.add(kLocalResponse, {x}, x.dims, x.order, attributes);
}

}  // namespace inoculate
