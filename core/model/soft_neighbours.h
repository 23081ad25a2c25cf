// Nearest neighbours softened, so that they have gradients.
//
// Papernot, McDaniel and Goodfellow, "Transferability in machine learning", 2016, section 3.3:
// every training image z votes for its class with the weight exp(-|x - z|^2 / temperature), theirs
// with a temperature of 1. A class's logit is the logarithm of its weights' sum, so that the
// softmax is their shares. At a small temperature it reads as the nearest neighbour does.
#pragma once

#include "model/neighbours.h"

namespace inoculate {

class SoftNeighbours : public Classifier {
 public:
  /// The logit of a class that no training image has.
  static constexpr float kNever = -1e6F;

  /// Refers to `hard`, which must live as long.
  explicit SoftNeighbours(const NeighboursClassifier& hard, double temperature = 1);

  const ModelSpec& spec() const override { return spec_; }
  Matrix logits(ConstMatrixRef images) const override;
  void gradients(std::span<Matrix> gradients, Matrix* logits, ConstMatrixRef images,
                 std::span<const LogitGradient> objectives) const override;

 private:
  Matrix distances_of(ConstMatrixRef images) const;
  void class_logits(float* logits, const float* squares) const;
  void gradient_of(float* gradient, const float* d_logits, const float* logits,
                   const float* squares, const float* image) const;

  const NeighboursClassifier& hard_;
  double temperature_;
  ModelSpec spec_;
};

}  // namespace inoculate
