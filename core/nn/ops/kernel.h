// What computes a node, and the gradients of its inputs.
//
// A kernel is plain functions on buffers that the plan owns (graph/plan.h): `forward` sets `out`,
// `backward` adds to the gradient of each input that is asked for. Both may use parallel_for;
// called from a task of somebody else, it runs serially. A value depends neither on the images
// beside it nor on the number of threads, to the last bit.
#pragma once

#include <cstddef>
#include <vector>

#include "nn/graph/graph.h"

namespace inoculate {

/// What a kernel works on: n images.
struct Pass {
  const Graph& graph;
  const Node& node;
  std::size_t n = 0;
  std::vector<const float*> in = {};  ///< one an input, [n, its shape]
  float* out = nullptr;               ///< [n, shape]; read-only in backward
  const float* prepared = nullptr;    ///< what Kernel::prepare made

  // For backward alone.
  const float* d_out = nullptr;
  std::vector<float*> d_in = {};  ///< one an input, null where nobody asks

  const Extents& in_shape(std::size_t input = 0) const { return graph.shape(node.inputs[input]); }
  std::size_t in_size(std::size_t input = 0) const {
    return static_cast<std::size_t>(size_of(in_shape(input)));
  }
  std::size_t out_size() const { return static_cast<std::size_t>(size_of(node.shape)); }
  /// Null for a weight that the node has not.
  const float* weight(std::size_t number) const {
    return number < node.weights.size() ? graph.weight(node.weights[number]) : nullptr;
  }
};

struct Kernel {
  void (*forward)(const Pass&) = nullptr;
  void (*backward)(const Pass&) = nullptr;
  /// What backward reads, and the plan therefore keeps.
  bool reads_in = false, reads_out = false;
  /// The output is the input's memory under another shape; there are no functions then.
  bool alias = false;
  /// Floats of `prepared`: weights as the kernel likes them, made once.
  std::size_t (*prepared_size)(const Graph&, const Node&) = nullptr;
  void (*prepare)(float* to, const Graph&, const Node&) = nullptr;
  /// Multiply-adds an image; null: too few to count.
  double (*multiply_adds)(const Graph&, const Node&) = nullptr;
};

// One a file of this folder, which says what it reads of Node::attributes.
extern const Kernel kActivation, kAffine, kAveragePool, kConcat, kConstant, kConv, kConvTranspose,
    kDense, kExtremum, kLocalResponse, kLogSoftmax, kMatMul, kMaxPool, kNormalise, kPad, kProduct,
    kReduce, kReshape, kSoftmax, kSum, kUnary, kView;

}  // namespace inoculate
