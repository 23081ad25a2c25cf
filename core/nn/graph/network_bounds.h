// The bounds of a network that is being trained: its weights of this moment, and the gradients of
// what is made of the bounds.
#pragma once

#include <span>

#include "nn/graph/bounds_graph.h"
#include "nn/graph/graph_network.h"

namespace inoculate {

class NetworkBounds {
 public:
  /// For networks of this form; `with_seen` as bounds_graph has it. Throws Error as that does.
  explicit NetworkBounds(const GraphNetwork& network, bool with_seen = false);

  /// How many values there are bounds of, F: the logits', or those that the last dense layer makes
  /// logits of, which is node last_dense() of the network, or -1.
  int features() const { return of_.features; }
  int last_dense() const { return of_.last_dense; }
  /// How many numbers an image has of forward's: 2 F, and those of what rising operators see.
  int outputs() const { return bounds_.output_size(); }
  /// The derivation, and the graph of it with its weights as they were at the last forward.
  const BoundsGraph& form() const { return of_; }
  const GraphNetwork& bounds() const { return bounds_; }

  /// [n, outputs]: centres and radii of the features, then of the rest, for images that lie around
  /// centres by radii, both in a row [n, 2 input]: as `network` is asked, or, with the memory of a
  /// pass of it in training, as it was normalised there. They stay until the next call; the boxes
  /// must until `backward`.
  const float* forward(const float* boxes, int n, const GraphNetwork& network,
                       GraphNetwork::Memory* normalised);

  /// After a forward: adds to d_parameters, laid out as those of the network, the gradients by
  /// d_bounds [n, outputs], but for what goes through the moments of the batch: that waits in
  /// `normalised`, which must be the same as in forward, for the network's own backward. `more`:
  /// gradients by the parameters of bounds() that others have found, or empty.
  void backward(std::span<float> d_parameters, const float* d_bounds, const GraphNetwork& network,
                GraphNetwork::Memory* normalised, std::span<const float> more = {});

  /// Calls body(first, size) for the parameters of the network whose magnitudes make bounds wide:
  /// kernels and scales by constants, each once.
  template <class F>
  void for_each_kernel(const GraphNetwork& network, F&& body) const {
    for (const BoundsWeight& weight : of_.weights) {
      if (weight.how != BoundsWeight::kMagnitude) continue;
      const Weight& of = network.graph().weights[static_cast<std::size_t>(weight.weight)];
      if (of.role == Role::kParameter) body(of.offset, of.size);
    }
  }

 private:
  void set_weights(const GraphNetwork& network, GraphNetwork::Memory* normalised);
  // Where a weight lies among the parameters of the bounds.
  std::size_t offset(std::size_t weight) const { return bounds_.graph().weights[weight].offset; }

  BoundsGraph of_;  // without its graph
  GraphNetwork bounds_;
  GraphNetwork::Memory memory_;
  FloatBuffer d_weights_;
};

}  // namespace inoculate
