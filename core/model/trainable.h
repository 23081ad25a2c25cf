// What training needs of a network, whatever it is inside: the trainer, recipes, averages of
// weights, checkpoints and the commands go through it alone.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/rng.h"
#include "data/bytes.h"
#include "model/classifier.h"
#include "nn/weights.h"

namespace inoculate {

class GraphNetwork;  // nn/graph/graph_network.h

/// A network whose weights change. Its parameters are trained; its statistics, the moving means and
/// variances of batch normalisation, follow the batches.
class Trainable {
 public:
  virtual ~Trainable() = default;

  /// What it takes and gives, as classifier()'s. Its name is for messages.
  virtual const ModelSpec& spec() const = 0;
  /// What checkpoints call it by.
  virtual const std::string& architecture() const = 0;

  /// All parameters and all statistics, as one vector each, and the named tensors that lie in them.
  virtual std::span<float> parameters() = 0;
  virtual std::span<const float> parameters() const = 0;
  virtual std::span<float> statistics() = 0;
  virtual std::span<const float> statistics() const = 0;
  virtual const std::vector<TensorInfo>& tensors() const = 0;

  /// Logits [N, classes] of images [N, input], whose pixels are those of the spec, in training
  /// mode: batch normalisation by the batch, dropout from `rng`. They stay until the next call; the
  /// images must stay until `backward`.
  virtual const float* forward_training(const float* images, int n, Rng& rng) = 0;
  /// Sets d_parameters, laid out as parameters(), to the gradients of that pass.
  virtual void backward(std::span<float> d_parameters, const float* d_logits) = 0;

  /// Whether the moving statistics are Keras's first values, which training forgets slowly, and how
  /// a share of those is taken out (nn/moving_statistics.h).
  virtual bool has_first_statistics() const { return false; }
  virtual void remove_first_statistics(double /*share*/) {}
  /// The fewest images of a batch from which batch normalisation learns anything.
  virtual int least_batch() const = 0;

  /// The network as a graph, for what needs more of it than its logits, such as bounds of all its
  /// values; null where it is not on the graph engine. Its parameters are parameters().
  virtual GraphNetwork* graph() { return nullptr; }
  virtual const GraphNetwork* graph() const { return nullptr; }
  /// What the graph sees of images [N, input]: behind the preprocessing.
  virtual Matrix graph_inputs(ConstMatrixRef images) const { return images; }
  /// Whether training normalises by the moving statistics and leaves them as they are.
  virtual bool keeps_statistics() const { return false; }
  /// Gives parameters that are one number of the file the sum of their gradients.
  virtual void tie(std::span<float>) const {}

  /// The model of this moment in inference mode: what recipes attack and validation asks. It may
  /// refer to this network, which must neither change nor go while it is used.
  virtual std::unique_ptr<Classifier> classifier() const = 0;
  /// The same network with weights of its own.
  virtual std::unique_ptr<Trainable> copy() const = 0;

  /// The bytes of a file that holds the network with its weights of this moment, of the kind that
  /// it came from, with these entries of metadata. Throws Error where a weight does not fit its
  /// type.
  virtual Bytes file(const std::map<std::string, std::string>& metadata) const = 0;
  /// Rounds the weights to what the file's numbers can hold, so that what is judged is what is
  /// written; to be called before file(). Whether any changed.
  virtual bool round_to_file() { return false; }
};

/// For the functions of nn/weights.h.
inline WeightTable weight_table(const Trainable& network) {
  return {network.architecture(), network.tensors(), network.parameters(), network.statistics()};
}

/// As that of nn/weights.h.
inline void set_weights(Trainable& network, const std::vector<NamedTensor>& tensors,
                        const std::string& source) {
  set_weights(network.parameters(), network.statistics(), weight_table(network), tensors, source);
}

}  // namespace inoculate
