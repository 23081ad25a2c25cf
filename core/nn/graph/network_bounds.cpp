#include "nn/graph/network_bounds.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/sign.h"
#include "nn/ops/batch_moments.h"

namespace inoculate {
namespace {

enum Weights : std::size_t { kGamma, kBeta, kMean, kVariance };

// One channel of a batch normalisation.
struct Channel {
  double gamma, beta, mean, inverse;

  double scale() const { return gamma * inverse; }
  double shift() const { return beta - mean * scale(); }
};

Channel channel_of(const GraphNetwork& network, const Node& node, const double* saved,
                   std::size_t c) {
  const auto weight = [&](std::size_t number) {
    return double{network.graph().weight(node.weights[number])[c]};
  };
  const std::size_t channels = BatchMoments::channels_of(node);
  const double mean = saved == nullptr ? weight(kMean) : saved[c];
  const double variance = saved == nullptr ? weight(kVariance) : saved[channels + c];
  return {weight(kGamma), weight(kBeta), mean,
          1 / std::sqrt(variance + double{node.attributes.alpha})};
}

}  // namespace

NetworkBounds::NetworkBounds(const GraphNetwork& network, bool with_seen)
    : of_(bounds_graph(network.graph(), with_seen)), bounds_(std::exchange(of_.graph, {})) {}

void NetworkBounds::set_weights(const GraphNetwork& network, GraphNetwork::Memory* normalised) {
  float* values = bounds_.parameters().data();
  for (std::size_t w = 0; w < of_.weights.size(); ++w) {
    const auto [how, node_number, weight] = of_.weights[w];
    const Weight& own = bounds_.graph().weights[w];
    if (own.role != Role::kParameter) continue;
    float* to = values + own.offset;
    if (weight >= 0) {
      const float* from = network.graph().weight(weight);
      for (std::size_t i = 0; i < own.size; ++i) {
        to[i] = how == BoundsWeight::kMagnitude ? std::abs(from[i]) : from[i];
      }
      continue;
    }
    const Node& node = network.graph().node(node_number);
    const double* saved = normalised == nullptr ? nullptr : network.saved(node_number, *normalised);
    for (std::size_t c = 0; c < own.size; ++c) {
      const Channel channel = channel_of(network, node, saved, c);
      const double number = how == BoundsWeight::kShift   ? channel.shift()
                            : how == BoundsWeight::kScale ? channel.scale()
                                                          : std::abs(channel.scale());
      to[c] = static_cast<float>(number);
    }
  }
}

const float* NetworkBounds::forward(const float* boxes, int n, const GraphNetwork& network,
                                    GraphNetwork::Memory* normalised) {
  set_weights(network, normalised);
  return bounds_.forward(boxes, n, {}, memory_);
}

void NetworkBounds::backward(std::span<float> d_parameters, const float* d_bounds,
                             const GraphNetwork& network, GraphNetwork::Memory* normalised,
                             std::span<const float> more) {
  d_weights_.resize(bounds_.parameters().size());
  bounds_.backward(nullptr, d_weights_, d_bounds, memory_);
  for (std::size_t i = 0; i < more.size(); ++i) d_weights_[i] += more[i];
  const Graph& graph = network.graph();
  const auto add = [&](int weight, std::size_t i, double d) {
    const Weight& info = graph.weights[static_cast<std::size_t>(weight)];
    if (info.role != Role::kParameter) return;
    float& sum = d_parameters[info.offset + i];
    sum = static_cast<float>(sum + d);
  };
  for (std::size_t w = 0; w < of_.weights.size(); ++w) {
    const auto [how, node_number, weight] = of_.weights[w];
    const Weight& own = bounds_.graph().weights[w];
    if (own.role != Role::kParameter) continue;
    const float* d = d_weights_.data() + own.offset;
    if (weight >= 0) {
      const float* of = graph.weight(weight);
      float* to = d_parameters.data() + graph.weights[static_cast<std::size_t>(weight)].offset;
      for (std::size_t i = 0; i < own.size; ++i) {
        to[i] += how == BoundsWeight::kMagnitude ? sign_of(of[i]) * d[i] : d[i];
      }
      continue;
    }
    const Node& node = graph.node(node_number);
    double* saved = normalised == nullptr ? nullptr : network.saved(node_number, *normalised);
    for (std::size_t c = 0; c < own.size; ++c) {
      const Channel channel = channel_of(network, node, saved, c);
      double d_scale = double{d[c]};
      double d_mean = 0;
      if (how == BoundsWeight::kShift) {
        add(node.weights[kBeta], c, d_scale);
        d_mean = -d_scale * channel.scale();
        d_scale *= -channel.mean;
      } else if (how == BoundsWeight::kMagnitudeScale && channel.scale() < 0) {
        d_scale = -d_scale;
      }
      add(node.weights[kGamma], c, d_scale * channel.inverse);
      if (saved == nullptr) continue;
      const BatchMoments moments(node, saved);
      moments.d_mean[c] += d_mean;
      moments.d_variance[c] +=
          d_scale * channel.gamma * -0.5 * channel.inverse * channel.inverse * channel.inverse;
    }
  }
}

}  // namespace inoculate
