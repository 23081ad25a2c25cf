// Interval bounds of a network as plain loops in double precision, by the least and the most of
// every product.
#pragma once

#include <cmath>
#include <stdexcept>
#include <vector>

#include "nn/graph/graph.h"
#include "nn/ops/kernel.h"

namespace inoculate {

struct Interval64 {
  double low = 0, high = 0;
};
using Intervals = std::vector<Interval64>;

/// What batch normalisation divides by and subtracts, by node; none: the moving statistics.
struct NaiveMoments {
  std::vector<double> mean, variance;
};

inline void add_product(Interval64& sum, const Interval64& x, float weight) {
  const double w = static_cast<double>(weight);
  sum.low += std::min(w * x.low, w * x.high);
  sum.high += std::max(w * x.low, w * x.high);
}

/// The bounds of all nodes up to the output. Convolutions, dense layers, batch normalisation,
/// rectifiers, maximum pools and what only changes the shape; one image.
class NaiveBounds {
 public:
  NaiveBounds(const Graph& graph, Intervals image, std::vector<NaiveMoments> moments = {})
      : graph_(graph), moments_(std::move(moments)), values_(graph.nodes.size()) {
    values_[0] = std::move(image);
    for (std::size_t i = 1; i < values_.size(); ++i) values_[i] = of(i);
  }
  const Intervals& at(int node) const { return values_[static_cast<std::size_t>(node)]; }

 private:
  Intervals of(std::size_t number) const {
    const Node& node = graph_.nodes[number];
    const Intervals& in = at(node.inputs[0]);
    if (node.kernel == &kReshape || node.kernel == &kDropout) return in;
    if (node.kernel == &kConv) return conv(node, in);
    if (node.kernel == &kDense) return dense(node, in);
    if (node.kernel == &kBatchNorm) return batch_norm(number, in);
    if (node.kernel == &kMaxPool) return max_pool(node, in);
    if (node.kernel == &kActivation && node.attributes.mode == kClipMode) {
      Intervals out = in;
      for (Interval64& x : out) x = {std::max(x.low, 0.0), std::max(x.high, 0.0)};
      return out;
    }
    throw std::logic_error("not among the plain loops");
  }

  template <class F>
  static void for_each_tap(const Node& node, const Extents& in, int y, int x, F&& body) {
    const Window& w = node.attributes.window;
    for (int ky = 0; ky < w.kernel_h; ++ky) {
      for (int kx = 0; kx < w.kernel_w; ++kx) {
        const int iy = y * w.stride_h + ky - w.pad_top, ix = x * w.stride_w + kx - w.pad_left;
        if (iy < 0 || ix < 0 || iy >= in[0] || ix >= in[1]) continue;
        body(ky * w.kernel_w + kx, (iy * in[1] + ix) * in[2]);
      }
    }
  }

  Intervals conv(const Node& node, const Intervals& in) const {
    const Extents& shape = graph_.shape(node.inputs[0]);
    const int filters = node.shape[2], channels = shape[2];
    const float *kernel = graph_.weight(node.weights[0]), *bias = graph_.weight(node.weights[1]);
    Intervals out;
    for (int y = 0; y < node.shape[0]; ++y) {
      for (int x = 0; x < node.shape[1]; ++x) {
        for (int f = 0; f < filters; ++f) {
          const auto b = static_cast<double>(bias[f]);
          Interval64 sum{b, b};
          for_each_tap(node, shape, y, x, [&](int tap, int at) {
            for (int c = 0; c < channels; ++c) {
              add_product(sum, in[static_cast<std::size_t>(at + c)],
                          kernel[(tap * channels + c) * filters + f]);
            }
          });
          out.push_back(sum);
        }
      }
    }
    return out;
  }

  Intervals dense(const Node& node, const Intervals& in) const {
    const int units = node.shape.back();
    const float *kernel = graph_.weight(node.weights[0]), *bias = graph_.weight(node.weights[1]);
    Intervals out;
    for (int j = 0; j < units; ++j) {
      const auto b = static_cast<double>(bias[j]);
      Interval64 sum{b, b};
      for (std::size_t i = 0; i < in.size(); ++i) {
        add_product(sum, in[i], kernel[static_cast<int>(i) * units + j]);
      }
      out.push_back(sum);
    }
    return out;
  }

  Intervals batch_norm(std::size_t number, const Intervals& in) const {
    const Node& node = graph_.nodes[number];
    const auto channels = static_cast<std::size_t>(node.shape.back());
    const auto weight = [&](std::size_t w, std::size_t c) {
      return static_cast<double>(graph_.weight(node.weights[w])[c]);
    };
    Intervals out;
    for (std::size_t i = 0; i < in.size(); ++i) {
      const std::size_t c = i % channels;
      const bool batch = !moments_.empty();
      const double mean = batch ? moments_[number].mean[c] : weight(2, c);
      const double variance = batch ? moments_[number].variance[c] : weight(3, c);
      const double scale =
          weight(0, c) / std::sqrt(variance + static_cast<double>(node.attributes.alpha));
      const double a = (in[i].low - mean) * scale + weight(1, c);
      const double b = (in[i].high - mean) * scale + weight(1, c);
      out.push_back({std::min(a, b), std::max(a, b)});
    }
    return out;
  }

  Intervals max_pool(const Node& node, const Intervals& in) const {
    const Extents& shape = graph_.shape(node.inputs[0]);
    Intervals out;
    for (int y = 0; y < node.shape[0]; ++y) {
      for (int x = 0; x < node.shape[1]; ++x) {
        for (int c = 0; c < node.shape[2]; ++c) {
          Interval64 most{-1e300, -1e300};
          for_each_tap(node, shape, y, x, [&](int, int at) {
            const Interval64& seen = in[static_cast<std::size_t>(at + c)];
            most = {std::max(most.low, seen.low), std::max(most.high, seen.high)};
          });
          out.push_back(most);
        }
      }
    }
    return out;
  }

  const Graph& graph_;
  std::vector<NaiveMoments> moments_;
  std::vector<Intervals> values_;
};

}  // namespace inoculate
