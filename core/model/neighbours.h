// The k nearest neighbours (Cover and Hart, "Nearest neighbor pattern classification", 1967): an
// image is read as most of the k training images are that are nearest to it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/classifier.h"

namespace inoculate {

/// The model is its training images.
struct Neighbours {
  Shape input;
  int classes = 0;
  int k = 3;      ///< how many neighbours are asked, 1 to N
  Matrix images;  ///< [N, input]
  Labels labels;  ///< [N], 0..classes - 1
};

/// Gives away probabilities, the shares of the classes among the neighbours. It has no gradients:
/// where the neighbours change, it jumps. model/soft_neighbours.h is what it is attacked through.
class NeighboursClassifier : public Classifier {
 public:
  /// The logits of a share below it are its logarithm, as TreeClassifier has it.
  static constexpr double kLeastProbability = 1e-7;

  /// Throws Error where sizes and labels do not agree. `name` is the file's.
  NeighboursClassifier(Neighbours model, std::string name,
                       std::vector<std::string> class_names = {});

  const ModelSpec& spec() const override { return spec_; }
  const Neighbours& model() const { return model_; }

  /// For each of a few images [n, input] the numbers of its k nearest training images in Euclidean
  /// distance, the nearest first; of equally near ones the first.
  std::vector<std::vector<int>> nearest(ConstMatrixRef images) const;

  /// Sets squares [n, count] to the squared Euclidean distances of images [n, input] from training
  /// images begin .. begin + count - 1, in single precision: off by some millionths of the images'
  /// own squared lengths.
  void squared_distances(Matrix& squares, ConstMatrixRef images, int begin, int count) const;

  Matrix logits(ConstMatrixRef images) const override;
  [[noreturn]] void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                              std::span<const LogitGradient> objectives) const override;

 private:
  Neighbours model_;
  Eigen::VectorXf lengths_;  // [N], squared
  ModelSpec spec_;
};

}  // namespace inoculate
