// What computes a node, and the gradients of its inputs.
//
// A kernel is plain functions on buffers that the plan owns (graph/plan.h): `forward` sets `out`,
// `backward` adds to the gradient of each input that is asked for, or stores it as Pass::stores
// says. Both may use parallel_for; called from a task of somebody else, it runs serially. A value
// depends neither on the images beside it nor on the number of threads, to the last bit.
#pragma once

#include <cstddef>
#include <vector>

#include "nn/graph/graph.h"
#include "nn/ops/epilogue.h"

namespace inoculate {

/// What a kernel works on: n images.
struct Pass {
  const Graph& graph;
  const Node& node;
  std::size_t n = 0;
  std::vector<const float*> in = {};  ///< one an input, [n, its shape]
  float* out = nullptr;               ///< [n, shape]; read-only in backward
  Live* live = nullptr;               ///< [n, shape] of a clipped output, or null
  const float* prepared = nullptr;    ///< what Kernel::prepare made

  // For backward alone.
  const float* d_out = nullptr;
  std::vector<float*> d_in = {};      ///< one an input, null where nobody asks
  std::vector<Epilogue> stores = {};  ///< one an input: what to do with its gradient

  const Extents& in_shape(std::size_t input = 0) const { return graph.shape(node.inputs[input]); }
  std::size_t in_size(std::size_t input = 0) const {
    return static_cast<std::size_t>(size_of(in_shape(input)));
  }
  /// What forward does with its results.
  Epilogue finish() const {
    return {node.clip.clips() ? Epilogue::kClip : Epilogue::kSet, node.clip, out, live};
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
  /// forward ends with Pass::finish.
  bool clips = false;
  /// backward does what Pass::stores says. Without, it adds, to zeros at first.
  bool stores = false;
  /// The output is the input's memory under another shape; there are no functions then.
  bool alias = false;
  /// Floats of `prepared`: the first weight as the kernel likes it, made once. Afterwards there is
  /// no other copy of it.
  std::size_t (*prepared_size)(const Graph&, const Node&) = nullptr;
  void (*prepare)(float* to, const Graph&, const Node&) = nullptr;
  /// Multiply-adds an image; null: too few to count.
  double (*multiply_adds)(const Graph&, const Node&) = nullptr;
};

/// What graph/simplify.h looks for: Attributes::mode of kActivation for a clip from alpha to beta,
/// and of kSum for a sum.
inline constexpr int kClipMode = 0, kAddMode = 0;

// One a file of this folder, which says what it reads of Node::attributes.
extern const Kernel kActivation, kAffine, kAveragePool, kConcat, kConstant, kConv, kConvTranspose,
    kDense, kExtremum, kLocalResponse, kLogSoftmax, kMatMul, kMaxPool, kNormalise, kPad, kProduct,
    kReduce, kReshape, kResidual, kSoftmax, kSum, kUnary, kView;

}  // namespace inoculate
