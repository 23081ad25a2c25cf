// Several models that vote: an image is read as most of them read it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/classifier.h"

namespace inoculate {

/// Gives away probabilities, the shares of the votes; of equally many the first class is read. A
/// vote has no gradients; attacks reach it through its parts.
class EnsembleClassifier : public Classifier {
 public:
  /// The logits of a share below it are its logarithm, as TreeClassifier has it.
  static constexpr double kLeastProbability = 1e-7;

  /// Throws Error unless there are at least two parts, which take the same images and have the same
  /// classes. `name` is the file's.
  EnsembleClassifier(std::vector<std::unique_ptr<Classifier>> parts, std::string name);

  const ModelSpec& spec() const override { return spec_; }
  const std::vector<std::unique_ptr<Classifier>>& parts() const { return parts_; }
  Matrix logits(ConstMatrixRef images) const override;
  [[noreturn]] void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                              std::span<const LogitGradient> objectives) const override;

 private:
  std::vector<std::unique_ptr<Classifier>> parts_;
  ModelSpec spec_;
};

}  // namespace inoculate
