// Graphs that code builds, operator by operator, where others are read from files.
#pragma once

#include <string>
#include <vector>

#include "base/rng.h"
#include "base/shapes.h"
#include "nn/graph/graph.h"

namespace inoculate {

/// How the first numbers of a kernel are drawn.
enum class Initial {
  kGlorot,  ///< uniform in +-sqrt(6 / (inputs + outputs)) (Glorot & Bengio 2010, section 4.2.1)
  kHe,      ///< normal, with variance 2 / inputs (He et al. 2015, section 2.2)
};

/// A window of kernel x kernel pixels, so many of them round the image, moved by `stride`.
struct SquareWindow {
  int kernel = 1, stride = 1, pad = 0;
};

/// The extents of an image: of a single pixel those of its channels alone, as files have it.
Extents extents_of(const Shape& image);

/// Every function adds one operator and returns its node's number, which later ones take as `from`.
/// Nodes are called by their operator and how many of it there are: "dense2". Biases are 0 at
/// first.
class GraphBuilder {
 public:
  /// The input is node 0.
  explicit GraphBuilder(Extents input);

  /// Calls a node by another name.
  void rename(int node, const std::string& name);

  /// All numbers of an image in one row, in H, W, C order; of what is one row, itself.
  int flatten(int from);
  /// Product of the last axis with a kernel [in, units], and a bias [units].
  int dense(int from, int units, Rng& rng, Initial initial = Initial::kGlorot);
  /// The same with these numbers.
  int dense(int from, const std::vector<float>& kernel, const std::vector<float>& bias);

  /// Convolution of H x W x C with a kernel [H, W, C, filters], and a bias a filter; of the window
  /// its padding on top and on the left counts, the output is height x width.
  int conv(int from, int height, int width, const Window& window, const std::vector<float>& kernel,
           const std::vector<float>& bias);
  /// The same with a kernel that is drawn.
  int conv(int from, int filters, const SquareWindow& window, Rng& rng,
           Initial initial = Initial::kGlorot);
  /// The largest number a channel that the window sees; there is no padding.
  int max_pool(int from, const SquareWindow& window);
  /// Of every channel, the last axis; begins as one that changes nothing but by `epsilon`.
  int batch_norm(int from, float epsilon = 1e-5F, float momentum = 0.9F);
  /// The same with these numbers, one a channel.
  int batch_norm(int from, float epsilon, float momentum, const std::vector<float>& gamma,
                 const std::vector<float>& beta, const std::vector<float>& mean,
                 const std::vector<float>& variance);
  int dropout(int from, float rate);  ///< leaves out this part in training, of [0, 1)

  int relu(int from);
  int leaky_relu(int from, float slope);  ///< slope at least 0, of what is below 0
  int sigmoid(int from);
  int tanh(int from);

  /// Of the value of a node.
  const Extents& shape(int node) const { return graph_.shape(node); }

  /// The graph, whose logits are those of node `output`. The builder is then empty.
  Graph take(int output);

 private:
  int add(const char* name, const char* op, const Kernel& kernel, int from, Extents shape,
          std::vector<int> weights = {}, const Attributes& attributes = {});
  int add_window(const char* name, const char* op, const Kernel& kernel, int from, int channels,
                 const SquareWindow& window, std::vector<int> weights = {});
  int add_function(const char* name, const char* op, int from, float a = 0, float b = 0);

  Graph graph_;
};

}  // namespace inoculate
