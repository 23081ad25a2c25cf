// A network of any form: operators as a list in the order in which they are computed.
//
// Every value is one tensor an image, [N, shape...], row-major and contiguous; N is free. Images
// are NHWC, and so is everything that convolutions and pools look at: a file's NCHW is transposed
// while it is read (graph/import.h), never while the network runs. An operator never mixes images.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "base/buffer.h"

namespace inoculate {

struct Kernel;  // nn/ops/kernel.h

/// The extents of one image's tensor: the batch's is not among them.
using Extents = std::vector<int>;

/// How many values a tensor of these extents has; who adds a node has bounded the product.
int size_of(const Extents& extents);

/// A window that slides over H x W: of a convolution or a pool.
struct Window {
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  int dilation_h = 1, dilation_w = 1;
  int pad_top = 0, pad_left = 0;
  /// What an average counts; what a convolution sees below and on the right follows from its
  /// output's size.
  int pad_bottom = 0, pad_right = 0;

  int taps() const { return kernel_h * kernel_w; }
};

/// What an operator is told besides its inputs. Each kernel says which of these it reads.
struct Attributes {
  Window window;
  int groups = 1;
  std::vector<int> axes;
  float alpha = 0, beta = 0, bias = 0;
  int mode = 0, offset = 0;
};

/// What a value is clipped to; the default is unlimited, no clipping.
struct ClipRange {
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();

  bool clips() const { return low > ClipRange().low || high < ClipRange().high; }
};

/// One operator and its output.
struct Node {
  const Kernel* kernel = nullptr;
  std::vector<int> inputs;   ///< numbers of nodes before this one
  std::vector<int> weights;  ///< numbers in Graph::weights
  Extents shape;             ///< of the output
  Attributes attributes;
  ClipRange clip;    ///< of the output; of kernels with Kernel::clips alone (graph/simplify.h)
  std::string name;  ///< for messages and tables
  std::string op;    ///< what the file calls it
};

/// What numbers of the arena are to training.
enum class Role {
  kParameter,  ///< trained
  kStatistic,  ///< follows the data: batch normalisation's moving mean and variance
  kConstant,   ///< stays as it is: part of the file's arithmetic
};

/// Numbers in the arena.
struct Weight {
  std::size_t size = 0, offset = 0;  ///< in Graph::values
  Role role = Role::kParameter;
};

struct Graph {
  std::vector<Node> nodes;  ///< the first is the input, which has no kernel
  std::vector<Weight> weights;
  FloatBuffer values;
  int output = 0;  ///< number of the node whose value is the logits

  /// Copies `numbers` into the arena. Returns the weight's number.
  int add_weight(const std::vector<float>& numbers, Role role = Role::kParameter);

  const Node& node(int number) const { return nodes[static_cast<std::size_t>(number)]; }
  const Extents& shape(int number) const { return node(number).shape; }
  const float* weight(int number) const {
    return values.data() + weights[static_cast<std::size_t>(number)].offset;
  }
  /// How many parameters one node has.
  std::size_t parameters_of(const Node& node) const;
};

/// Whether two graphs have the same operators between the same values, and weights at the same
/// places: whether one may have the other's numbers.
bool same_form(const Graph& a, const Graph& b);

}  // namespace inoculate
