// What computes a node, and the gradients of its inputs and its weights.
//
// A kernel is plain functions on buffers that the plan owns (graph/plan.h): `forward` sets `out`,
// `backward` adds to the gradient of each input that is asked for, or stores it as Pass::stores
// says, `backward_weights` adds to those of the weights. All may use parallel_for; called from a
// task of somebody else, it runs serially. Nothing depends on the number of threads, to the last
// bit, and no value on the images beside it, unless batch normalisation is in training.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "nn/graph/graph.h"
#include "nn/ops/epilogue.h"

namespace inoculate {

/// What differs between training and asking.
struct TrainingMode {
  bool batch_statistics = true;   ///< normalise by the batch's moments, not by the moving ones
  bool update_statistics = true;  ///< move the moving ones towards the batch's
  bool drop = true;               ///< dropout drops; its masks follow from `masks` alone
  std::uint64_t masks = 0;
};

/// What a kernel works on: n images.
struct Pass {
  const Graph& graph;
  const Node& node;
  std::size_t n = 0;
  std::vector<const float*> in = {};       ///< one an input, [n, its shape]
  float* out = nullptr;                    ///< [n, shape]; read-only in backward
  Live* live = nullptr;                    ///< [n, shape] of a clipped output, or null
  const float* prepared = nullptr;         ///< what Kernel::prepare made
  const TrainingMode* training = nullptr;  ///< null for inference
  double* saved =
      nullptr;  ///< Kernel::saved_size numbers of the whole batch, forward's for backward

  // For backward alone.
  const float* d_out = nullptr;
  std::vector<float*> d_in = {};       ///< one an input, null if it is not wanted
  std::vector<Epilogue> stores = {};   ///< one an input: what to do with its gradient
  std::vector<float*> d_weights = {};  ///< one a weight, null if it is not wanted

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
  /// Adds to the gradients of the weights. Before backward, where both are asked for.
  void (*backward_weights)(const Pass&) = nullptr;
  /// What backward reads, and the plan therefore keeps; and backward_weights.
  bool reads_in = false, reads_out = false, weights_read_in = false;
  /// forward ends with Pass::finish.
  bool clips = false;
  /// backward does what Pass::stores says. Without, it adds, to zeros at first.
  bool stores = false;
  /// The output is the input's memory under another shape; there are no functions then.
  bool alias = false;
  /// Floats of `prepared`: the first weight as the kernel likes it, made before it is used. Who
  /// only asks has no other copy of it afterwards.
  std::size_t (*prepared_size)(const Graph&, const Node&) = nullptr;
  void (*prepare)(float* to, const Graph&, const Node&) = nullptr;
  /// Numbers of Pass::saved, in training alone.
  std::size_t (*saved_size)(const Node&) = nullptr;
  /// After a forward in training that used the batch's moments: moves the weights that follow them.
  void (*update_statistics)(Graph&, const Pass&) = nullptr;
  /// Multiply-adds an image; null: too few to count.
  double (*multiply_adds)(const Graph&, const Node&) = nullptr;
};

/// What graph/simplify.h looks for: Attributes::mode of kActivation for a clip from alpha to beta,
/// and of kSum for a sum.
inline constexpr int kClipMode = 0, kAddMode = 0;

// One a file of this folder, which says what it reads of Node::attributes.
extern const Kernel kActivation, kAffine, kAveragePool, kBatchNorm, kCombination, kConcat,
    kConstantValue, kConv, kConvTranspose, kDense, kDropout, kExtremum, kLocalResponse, kLogSoftmax,
    kMatMul, kMaxPool, kNormalise, kPad, kProduct, kReduce, kReshape, kSoftmax, kSum, kUnary, kView;

/// A function of one number, called as ops/unary.cpp calls it there, with its parameters a and b.
struct UnaryFunction {
  const Kernel* kernel;
  Attributes attributes;
};
UnaryFunction unary_function(std::string_view name, float a = 0, float b = 0);

/// Whether a node is that function.
bool is_function(const Node& node, std::string_view name);

}  // namespace inoculate
