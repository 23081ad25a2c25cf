// A network as a function of its weights.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/shapes.h"

namespace inoculate {

struct Graph;
class Network;

/// Where the weights of one output of a convolution or of a dense layer lie among a network's
/// values: `count` of them, every `stride` apart.
struct WeightFilter {
  std::size_t first = 0, stride = 1, count = 0;
};

class WeightedModel {
 public:
  virtual ~WeightedModel() = default;

  /// All numbers of the network: weights, biases, those of normalisation.
  virtual std::span<const float> values() const = 0;
  const std::vector<WeightFilter>& filters() const { return filters_; }
  virtual int classes() const = 0;
  virtual int input_size() const = 0;

  /// Logits [N, classes] of images [N, input] by the network with other `values`; perhaps not
  /// finite. On one thread, and safe on several.
  virtual Matrix logits(std::span<const float> values, ConstMatrixRef images) const = 0;

  /// Whether the other is the same network but for its values.
  virtual bool same_form(const WeightedModel& other) const = 0;

 protected:
  std::vector<WeightFilter> filters_;
};

std::unique_ptr<WeightedModel> weighted_model(const Network& network);

/// Throws Error, which goes on from a subject that the caller gives ("has no ..."), where the graph
/// has no filters, or some that cannot be told apart.
std::unique_ptr<WeightedModel> weighted_model(const Graph& graph);

}  // namespace inoculate
