// A feed-forward classifier: a straight line of layers over one arena of parameters. This is what
// is trained; for inference a FrozenNetwork is made of it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/buffer.h"
#include "base/rng.h"
#include "base/shapes.h"
#include "nn/architecture.h"
#include "nn/fast/sparse_front.h"
#include "nn/layers.h"

namespace inoculate {

/// Where a named tensor lies: in the parameters (trained) or in the statistics (the moving means
/// and variances of batch normalisation, which training updates by the way).
struct TensorInfo {
  std::string name;
  std::vector<std::int64_t> shape;
  std::size_t offset = 0;
  std::size_t size = 0;
  bool trained = true;
};

/// What a forward pass leaves for the backward pass, and the memory of both. Reusable for any batch
/// of the same network; a forward pass overwrites what the last one left.
struct Cache {
  int n = 0;
  std::vector<FloatBuffer> outputs;  // [N] of each layer that has its own
  std::vector<FloatBuffer> saved;    // per layer: batch statistics [2, C], dropout factors
  SparseFront::Cache front;          // of the first layers, where they are a SparseFront
};

class Network {
 public:
  /// Throws Error where the engine cannot compute it (nn/check_architecture.h).
  explicit Network(Architecture architecture);

  const Architecture& architecture() const { return architecture_; }
  const std::vector<Layer>& layers() const { return layers_; }
  int input_size() const { return architecture_.input.size(); }
  int classes() const { return layers_.back().out.size(); }

  /// Keras's initial weights: Glorot-uniform kernels, zero biases and betas, unit gammas; moving
  /// means 0 and variances 1.
  void initialize(Rng& rng);

  /// All trained parameters, and all moving statistics, as one vector each.
  std::span<float> parameters() { return parameters_; }
  std::span<const float> parameters() const { return parameters_; }
  std::span<float> statistics() { return statistics_; }
  std::span<const float> statistics() const { return statistics_; }
  /// Names and places of the tensors in both, in the order of a weights file.
  const std::vector<TensorInfo>& tensors() const { return tensors_; }

  /// Logits [N, classes] of images [N, input] in training mode: batch statistics (the moving ones
  /// are updated) and dropout from `rng`. The result lies in `cache` until its next use.
  const float* forward_training(const float* images, int n, Rng& rng, Cache& cache);

  /// Sets d_parameters, laid out as parameters(), to the gradients of the pass that filled `cache`
  /// from the same `images`.
  void backward(std::span<float> d_parameters, const float* d_logits, const float* images,
                Cache& cache) const;

  /// The first layers as one, if they are convolutions that training does together.
  const std::optional<SparseFront>& front() const { return front_; }

 private:
  const float* output_of(std::size_t layer, const Cache& cache) const;
  std::size_t add_tensor(std::string name, std::vector<std::int64_t> shape, bool trained = true);

  Architecture architecture_;
  std::vector<Layer> layers_;
  std::vector<TensorInfo> tensors_;
  FloatBuffer parameters_;
  FloatBuffer statistics_;
  std::optional<SparseFront> front_;
};

}  // namespace inoculate
